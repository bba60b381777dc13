"""Colours of a world: whatever an author picks, it can be read."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from worlds.rules.captions import of_speech, webvtt
from worlds.rules.look import BLACK, READABLE, WHITE, color, contrast, over_pictures, readable, stylesheet

hexes = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


def tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"(--[\w-]+|color-scheme): ([^;]+);", css))


@given(look=st.fixed_dictionaries({"background": hexes}, optional={"accent": hexes, "panel": hexes, "text": hexes}))
def test_every_text_can_be_read_on_every_ground(look: dict[str, str]) -> None:
    found = tokens(stylesheet(look))
    for ink in ("--ink", "--ink-2", "--lamp"):
        for ground in ("--ground", "--raised"):
            if ink in found:
                one, other = color(found[ink]), color(found[ground])
                assert one and other and contrast(one, other) >= READABLE, (ink, ground, found)
    ground, panel = color(found["--ground"]) or BLACK, color(found["--raised"]) or BLACK
    grounds = (ground, *over_pictures(panel))
    if max(min(contrast(end, one) for one in grounds) for end in (BLACK, WHITE)) >= READABLE:
        for ink in {"--ink", "--ink-2", "--lamp"} & found.keys():
            assert min(contrast(color(found[ink]) or BLACK, one) for one in grounds) >= READABLE, (ink, "over a picture", found)
    if "accent" in look:
        assert contrast(color(found["--lamp-ink"]) or (0, 0, 0), color(found["--lamp-fill"]) or (0, 0, 0)) >= 4


def test_a_good_look_is_left_as_it_is() -> None:
    found = tokens(stylesheet({"accent": "#ffb347", "background": "#0b1020", "panel": "#161d36", "text": "#f4efe6"}))
    assert (found["--ground"], found["--raised"], found["--ink"], found["--lamp"], found["color-scheme"]) == (
        "#0b1020", "#161d36", "#f4efe6", "#ffb347", "dark",
    )  # fmt: skip


def test_nothing_but_colours_comes_through() -> None:
    assert stylesheet({"accent": "red;} body{display:none", "text": 7, "panel": None}) == ""


def test_black_on_white_is_the_greatest_contrast() -> None:
    assert round(contrast((0, 0, 0), (255, 255, 255)), 2) == 21
    assert readable((120, 120, 120), (255, 255, 255)) != (120, 120, 120)


def test_captions_become_webvtt() -> None:
    assert webvtt([{"start": 0.5, "end": 3.2, "text": "[Seagulls]"}, {"start": 3661.25, "end": 3662, "text": "<b>a --> b\n\nc</b>"}]) == (
        "WEBVTT\n\n00:00:00.500 --> 00:00:03.200\n[Seagulls]\n\n01:01:01.250 --> 01:01:02.000\n&lt;b&gt;a --&gt; b c&lt;/b&gt;\n"
    )
    assert webvtt([{"start": 3, "end": 3, "text": "x"}, {"start": 1, "end": 2, "text": " "}]) == "WEBVTT\n"


def test_a_spoken_line_becomes_captions_one_after_the_other() -> None:
    cues = of_speech("Mara", "word " * 30)
    assert [len(cue["text"].split()) for cue in cues] == [13, 12, 6]
    assert cues[0]["text"].startswith("Mara: word")
    assert all(one["end"] == other["start"] for one, other in zip(cues, cues[1:], strict=False))
