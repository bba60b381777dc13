"""The painter: the same words give the same picture, other words another one, and the recipe says what is wrong with it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from generation import recipes
from generation.providers.animatic import style as styles
from generation.providers.animatic.film import PLACES, Film
from generation.recipes import problems, recipe_hash, render
from pixsim.lib.errors import Invalid

SIZE = (128, 72)
HARBOR = "A foggy harbor at dawn. Ships bob gently in the water. Seagulls cry overhead."
STYLE = {"time_of_day": "dawn", "weather": "foggy", "mood": "mysterious", "camera_movement": "slow pan"}


def frames(prompt: str = HARBOR, seed: int = 42, size: tuple[int, int] = SIZE, **changes: Any) -> np.ndarray:
    """Three moments of a clip, as numbers."""
    film = Film(styles.parse(prompt, {**STYLE, **changes}, seed), size, 8.0)
    return np.stack([film.frame(t) for t in (0.0, 4.0, 7.9)]).astype(float)


@pytest.fixture(scope="module")
def plain() -> np.ndarray:
    return frames()


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """Mean difference in levels of 0–255."""
    return float(np.abs(a - b).mean())


def test_the_same_recipe_gives_the_same_frames(plain: np.ndarray) -> None:
    assert np.array_equal(plain, frames())


@pytest.mark.parametrize(
    ("field", "value", "least"),
    [
        ("time_of_day", "noon", 15), ("time_of_day", "night", 15), ("weather", "clear", 4), ("weather", "stormy", 8), ("weather", "snowy", 3),
        ("mood", "cheerful", 5), ("mood", "tense", 5), ("camera_movement", "static", 2), ("camera_movement", "push in", 2), ("intensity", 0.0, 1),
        ("anything_else", "painted by a sailor", 0.2),
    ],
)  # fmt: skip
def test_every_style_field_changes_the_frames(plain: np.ndarray, field: str, value: Any, least: float) -> None:
    assert difference(plain, frames(**{field: value})) > least


def test_prompt_and_seed_change_the_frames(plain: np.ndarray) -> None:
    assert difference(plain, frames(prompt="A market square at dawn")) > 8
    assert difference(plain, frames(seed=43)) > 0.2


def test_dawn_in_fog_is_not_noon_in_the_sun(plain: np.ndarray) -> None:
    noon = frames(time_of_day="noon", weather="clear", mood="neutral", camera_movement="static")
    assert noon.mean() > plain.mean() + 8
    assert noon.std() > plain.std() + 5
    red, _, blue = noon[0].mean(axis=(1, 2))
    assert blue > red


def test_a_static_camera_moves_less_than_a_pan() -> None:
    def motion(move: str) -> float:
        three = frames(camera_movement=move, weather="clear")
        return difference(three[0], three[2])

    assert motion("slow pan") > 1.5 * motion("static")
    assert motion("static") > 0.3  # water, clouds and gulls go on


@pytest.mark.parametrize("moves", list(styles.CAMERAS))
def test_no_camera_move_uncovers_the_edge_of_the_stage(moves: str) -> None:
    film = Film(styles.parse("a harbor at noon", {"camera_movement": moves, "time_of_day": "noon", "mood": "cheerful"}, 1), SIZE, 8.0)
    for t in (0.0, 4.0, 8.0):
        frame = film.frame(t)
        for edge in (frame[:, :, 0], frame[:, :, -1], frame[:, 0], frame[:, -1]):
            assert (edge.max(axis=0) > 4).mean() > 0.98


@pytest.mark.parametrize("place", list(PLACES))
def test_every_place_can_be_painted_at_every_weather(place: str) -> None:
    for weather in ("clear", "rainy"):
        film = Film(styles.parse(f"{place} with a guard", {"place": place, "weather": weather, "time_of_day": "night"}, 3), (64, 36), 2.0)
        assert film.frame(1.0).std() > 2


@pytest.mark.parametrize(
    ("prompt", "place"),
    [
        ("Ships bob in the water, seagulls", "harbor"), ("The bar of a tavern near the harbor, dim interior", "tavern"),
        ("Stalls and vendors on the market square", "market"), ("A narrow alley", "street"), ("Something else entirely", "hills"),
    ],
)  # fmt: skip
def test_the_words_of_a_prompt_choose_the_place(prompt: str, place: str) -> None:
    assert styles.parse(prompt).place == place


def test_words_outside_the_vocabulary_find_a_neighbour() -> None:
    read = styles.parse("", {"time_of_day": "golden hour", "weather": "misty", "mood": "sad", "camera_movement": "slow zoom"})
    assert (read.time, read.weather, read.mood, read.camera) == ("sunset", "foggy", "melancholic", "push in")


def test_a_captain_close_up_is_a_person_who_breathes() -> None:
    prompt = "A gruff ship captain leans casually on the bar. Tavern interior, dim lighting."
    still = {"camera_movement": "static", "weather": "clear", "camera_angle": "medium_closeup"}
    film = Film(styles.parse(prompt, still, 1), SIZE, 8.0)
    face = (slice(None), slice(10, 40), slice(60, 90))
    assert difference(film.frame(0.2)[face].astype(float), film.frame(1.1)[face].astype(float)) > 0.8


def test_a_clip_is_an_mp4_that_starts_at_once_and_says_who_made_it(tmp_path: Path) -> None:
    heard: list[float] = []
    recipe = {"renderer": "animatic", "prompt": HARBOR, "style": STYLE, "seed": 42, "size": [128, 72], "fps": 6, "duration_sec": 1}
    made = render(recipe, tmp_path / "a", heard.append)
    again = render(recipe, tmp_path / "b", lambda _: None)
    data = made.path.read_bytes()
    assert data == again.path.read_bytes()
    assert made.poster is not None and made.poster.read_bytes() == (again.poster or Path()).read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert heard == sorted(heard) and heard[0] == 0.0 and heard[-1] == 1.0
    assert (made.width, made.height, made.duration_sec, made.mime) == (128, 72, 1.0, "video/mp4")
    said = subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(made.path)], capture_output=True, text=True, check=False).stderr
    assert "h264" in said and "yuv420p" in said and "128x72" in said and "6 fps" in said
    assert "machine-made" in said
    assert "machine-made" in str(Image.open(made.poster).getexif()[0x010E])


def test_a_still_is_a_picture_of_its_size(tmp_path: Path) -> None:
    made = render({"renderer": "still", "prompt": "a market", "size": [160, 90]}, tmp_path, lambda _: None)
    assert Image.open(made.path).size == (160, 90)


@pytest.mark.parametrize(
    ("recipe", "pointer"),
    [
        ({}, "/renderer"), ({"renderer": "crayon"}, "/renderer"), ([], ""), ({"renderer": "still"}, "/prompt"),
        ({"renderer": "still", "prompt": "x", "colour": 1}, "/colour"), ({"renderer": "still", "prompt": 3}, "/prompt"),
        ({"renderer": "still", "prompt": "x" * 6000}, "/prompt"), ({"renderer": "still", "prompt": "x", "seed": -1}, "/seed"),
        ({"renderer": "still", "prompt": "x", "size": [99999, 2]}, "/size"), ({"renderer": "still", "prompt": "x", "size": "big"}, "/size"),
        ({"renderer": "still", "prompt": "x", "style": []}, "/style"), ({"renderer": "still", "prompt": "x", "style": {"mood": 4}}, "/style/mood"),
        ({"renderer": "animatic", "prompt": "x", "style": {"duration_sec": 900}}, "/style/duration_sec"),
        ({"renderer": "animatic", "prompt": "x", "style": {"intensity": True}}, "/style/intensity"),
        ({"renderer": "portrait"}, "/character"), ({"renderer": "gltf_scene", "place": "harbor", "objects": [1]}, "/objects"),
    ],
)  # fmt: skip
def test_a_wrong_recipe_is_told_what_is_wrong_with_it(recipe: Any, pointer: str) -> None:
    assert pointer in [error.pointer for error in problems(recipe)]
    with pytest.raises(Invalid):
        render(recipe, Path("nowhere"), lambda _: None)


def test_a_recipe_is_known_by_its_content_not_its_order() -> None:
    assert recipe_hash({"renderer": "still", "prompt": "x", "seed": 1}) == recipe_hash({"seed": 1.0, "prompt": "x", "renderer": "still"})
    assert recipe_hash({"renderer": "still", "prompt": "x"}) != recipe_hash({"renderer": "still", "prompt": "y"})


def test_every_renderer_can_be_loaded() -> None:
    for renderer in recipes.RENDERERS.values():
        assert callable(renderer.load())
