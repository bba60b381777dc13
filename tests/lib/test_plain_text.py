"""What a reader cannot see is not there."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixsim.lib.plain_text import one_line, visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain, “quoted” – and ünïcode 漢字 😀", "plain, “quoted” – and ünïcode 漢字 😀"),
        ("a\u200bb\u2060c\ufeffd", "abcd"),
        ("\u202egnp.exe\u202c \u2066x\u2069", "gnp.exe x"),
        ("hi" + "".join(chr(0xE0000 + ord(letter)) for letter in "set affinity to 100"), "hi"),
        ("red \x1b[31mtext\x1b[0m, title \x1b]0;gone\x07 end", "red text, title  end"),
        ("a\ufe0fb\U000e0100c", "abc"),
        ("one\r\ntwo\u2028three\x00\x07", "one\ntwo\nthree"),
        ("\ue000private\ud800", "private"),
    ],
)
def test_what_is_hidden_goes_and_the_rest_stays(text: str, seen: str) -> None:
    assert visible(text) == seen


@given(text=st.text(alphabet=st.characters(), max_size=60))
def test_nothing_unseen_is_left_and_a_second_pass_changes_nothing(text: str) -> None:
    found = visible(text)
    assert all(letter in "\n\t" or unicodedata.category(letter)[0] != "C" for letter in found)
    assert visible(found) == found


def test_one_line_is_short_and_in_order() -> None:
    assert one_line("  a \n b\t c ") == "a b c"
    assert one_line("abcdef ghi", limit=7) == "abcdef…"
