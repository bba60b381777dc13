"""Portraits: the same person under every expression, the face where the crop expects it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from generation.portraits.look import ACCESSORIES, BEARDS, CLOTHING, FACES, HAIR_STYLES, HEADGEAR, Face, face_of, read_look
from generation.portraits.painter import paint_bust, portrait
from generation.recipes import render
from pixsim.lib.errors import Invalid

MARA = {"name": "Mara", "presentation": "feminine", "skin": "weathered", "hair_color": "auburn", "hair_style": "tied", "clothing": "naval_coat"}
SIZE = (150, 200)
CROP = (25, 12, 125, 112)  # 100, 50, 400, 400 at a quarter of the size


def face(expression: str, character: dict[str, Any] | None = None) -> np.ndarray:
    return np.asarray(portrait(read_look(character or MARA, 10), face_of(expression), SIZE).crop(CROP), dtype=float)


@pytest.fixture(scope="module")
def neutral() -> np.ndarray:
    return face("neutral")


def test_the_same_recipe_gives_the_same_bytes(tmp_path: Path) -> None:
    recipe = {"renderer": "portrait", "character": MARA, "expression": "happy", "seed": 10, "size": list(SIZE)}
    first = render(recipe, tmp_path / "a", lambda _: None)
    assert first.path.read_bytes() == render(recipe, tmp_path / "b", lambda _: None).path.read_bytes()
    assert Image.open(first.path).size == SIZE


@pytest.mark.parametrize("expression", sorted(set(FACES) - {"neutral"}))
def test_every_expression_changes_the_face_and_keeps_the_person(neutral: np.ndarray, expression: str) -> None:
    change = np.abs(face(expression) - neutral)
    assert (change.max(axis=2) > 24).mean() > 0.006  # brows, lids, mouth
    assert change.mean() < 14  # still her


def test_two_people_differ_more_than_two_moods(neutral: np.ndarray) -> None:
    other = face("neutral", {"name": "Jorin", "presentation": "masculine", "skin": "brown", "hair_style": "cropped", "headgear": "helmet"})
    assert np.abs(other - neutral).mean() > 2 * np.abs(face("curious") - neutral).mean()


def test_the_face_lies_in_the_crop() -> None:
    look = read_look(MARA, 10)
    shut, wide = (paint_bust(look, Face(lid=lid), 0.25) for lid in (0.0, 1.1))
    rows, columns = np.nonzero(np.abs(shut.rgb - wide.rgb).max(axis=0) > 0.1)
    assert columns.min() * 4 >= 100 and columns.max() * 4 <= 500
    assert rows.min() * 4 >= 50 and rows.max() * 4 <= 450


@pytest.mark.parametrize("number", range(max(len(HAIR_STYLES), len(HEADGEAR), len(CLOTHING))))
def test_everything_one_can_wear_can_be_painted(number: int) -> None:
    worn = {
        field: values[number % len(values)]
        for field, values in (("hair_style", HAIR_STYLES), ("headgear", HEADGEAR[::-1]), ("clothing", CLOTHING), ("beard", BEARDS))
    }
    bust = paint_bust(read_look({**MARA, **worn, "accessories": list(ACCESSORIES)}, 1), FACES["neutral"], 0.12)
    assert np.isfinite(bust.rgb).all()
    assert 0.4 < bust.alpha.mean() < 0.9


@pytest.mark.parametrize(
    ("character", "pointer"),
    [
        ({"skin": "plaid"}, "/character/skin"), ({"hair_style": "mohawk"}, "/character/hair_style"), ({"shoes": "red"}, "/character/shoes"),
        ({"accessories": ["crown"]}, "/character/accessories/0"),
    ],
)  # fmt: skip
def test_an_unknown_word_is_an_error_that_names_the_known(character: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_look(character)
    assert refused.value.errors[0].pointer == pointer


def test_an_unknown_expression_is_an_error_that_names_the_known() -> None:
    with pytest.raises(Invalid, match="happy"):
        face_of("smug")
    assert face_of("furious") == face_of("angry")


def test_what_is_left_out_is_drawn_by_name_and_seed() -> None:
    assert read_look({"name": "Ada"}, 1) == read_look({"name": "Ada"}, 1)
    assert len({read_look({"name": "Ada"}, seed).skin for seed in range(12)}) > 1
