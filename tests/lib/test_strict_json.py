from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixsim.lib.errors import Invalid
from pixsim.lib.strict_json import loads

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_ordinary_json_is_read_as_the_standard_library_reads_it(value: object) -> None:
    text = json.dumps(value)
    assert loads(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"[" * 1000, "too_deep"),
        (b"[" * 33 + b"]" * 33, "too_deep"),
        (b'{"a": 1, "a": 2}', "duplicate_key"),
        (b'"\\u0000"', "nul"),
        (b'{"a": ["\\u0000"]}', "nul"),
        (b'["\\ud800"]', "lone_surrogate"),
        (b'{"\\ud800": 1}', "lone_surrogate"),
        (b"1e999", "number_too_large"),
        (b"9" * 5000, "number_too_large"),
        (b"NaN", "not_a_number"),
        (b"-Infinity", "not_a_number"),
        (b"\xff", "encoding"),
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"\xef\xbb\xbf{}", "not_json"),
    ],
)
def test_what_a_database_could_not_keep_is_refused(text: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        loads(text)
    assert caught.value.errors[0].code == code


def test_brackets_in_strings_do_not_count_as_depth() -> None:
    assert loads(json.dumps({"a": "[" * 100 + '\\"['}).encode())["a"].startswith("[[")
