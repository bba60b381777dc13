"""Which providers there are, strangers' included, and what a broken one does: nothing but say so."""

from __future__ import annotations

import json
import logging
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from generation.providers import catalogues, registry
from generation.providers.base import MediaRequest, Operation
from generation.providers.fal import Fal
from generation.providers.wording import worded

NAMES = ["animatic", "pixverse", "fal", "comfyui"]


class Third(Fal):
    """A provider as another package would bring it."""

    id = "third"
    title = "Third"


class Halfway:
    id = "halfway"
    title = "Halfway"


class WithoutCatalogue(Third):
    id = "without"
    catalogue = None


def explodes() -> None:
    raise RuntimeError("no graphics card")


@pytest.fixture
def plugins(monkeypatch: Any) -> Any:
    """Entry points as if packages were installed; the registry reads them anew."""

    def install(**places: str) -> None:
        found = [EntryPoint(name, f"{__name__}:{place}" if "." not in place else place, registry.GROUP) for name, place in places.items()]
        monkeypatch.setattr(registry, "entry_points", lambda group: found)
        monkeypatch.setattr(registry, "_providers", {})
        monkeypatch.setattr(registry, "_broken", {})
        registry._load.cache_clear()

    yield install
    monkeypatch.undo()
    registry._load.cache_clear()


def test_ours_are_there_in_their_order() -> None:
    assert [one.id for one in registry.known()][:4] == NAMES
    assert registry.get("nobody") is None


def test_every_provider_offers_all_of_the_interface() -> None:
    for provider in registry.known():
        assert [name for name in registry.NEEDED if not hasattr(provider, name)] == []
    assert {"submit", "verify_webhook", "local", "idempotent"} <= set(registry.NEEDED)


def test_another_packages_provider_is_one_of_them(plugins: Any) -> None:
    plugins(third="Third")
    assert [one.id for one in registry.known()] == [*NAMES, "third"]
    assert registry.broken() == {}


@pytest.mark.parametrize(
    ("name", "place", "words"),
    [
        ("gone", "no_such_package.x:Y", "cannot be loaded: ModuleNotFoundError"),
        ("missing", "Missing", "cannot be loaded: AttributeError"),
        ("explodes", "explodes", "no graphics card"),
        ("halfway", "Halfway", "lacks allowed_hosts, balance, body"),
        ("other", "Third", "calls itself 'third'"),
        ("without", "WithoutCatalogue", "has no catalogue"),
        ("pixverse", "Third", "which PixSim has itself"),
    ],
)
def test_a_broken_one_takes_nothing_else_down_and_says_why(plugins: Any, caplog: Any, name: str, place: str, words: str) -> None:
    caplog.set_level(logging.ERROR)
    plugins(**{name: place, "third": "Third"})
    assert [one.id for one in registry.known()] == [*NAMES, "third"]
    assert words in registry.broken()[name]
    assert words in caplog.text
    if name not in NAMES:
        assert registry.get(name) is None


def test_a_provider_can_be_added_and_taken_away() -> None:
    registry.register(Third())
    assert registry.get("third") is not None
    registry.unregister("third")
    assert registry.get("third") is None


@pytest.mark.parametrize("path", sorted(Path(catalogues.__file__).parent.glob("*.json")), ids=lambda path: path.stem)
def test_a_catalogue_is_dated_and_whole(path: Path) -> None:
    catalogue = catalogues.load(path.stem)
    assert catalogue.read_on.year >= 2026
    assert catalogue.source
    assert catalogue.model(None) is not None
    assert len({model.id for model in catalogue.models}) == len(catalogue.models)
    assert all(model.operations for model in catalogue.models)


def test_a_catalogue_without_its_default_is_refused() -> None:
    row = {"id": "a", "title": "A", "operations": ["text_to_video"]}
    with pytest.raises(ValueError, match="no model"):
        catalogues.read(json.loads(json.dumps({"read_on": "2026-11-01", "source": "x", "default": "b", "models": [row]})))


def words(prompt: str = "A harbor", **style: Any) -> str:
    return worded(MediaRequest(operation=Operation.TEXT_TO_VIDEO, prompt=prompt, style=style))


def test_style_becomes_words_the_same_every_time() -> None:
    style = {"camera_movement": "slow pan", "weather": "foggy", "time_of_day": "dawn", "mood": "mysterious"}
    said = "A harbor. At dawn, foggy weather, mysterious mood, camera movement: slow pan."
    assert words(**style) == words(**dict(reversed(style.items()))) == said


@pytest.mark.parametrize(
    ("prompt", "style", "said"),
    [
        ("A harbor.", {}, "A harbor."),
        ("  A\n harbor ", {}, "A harbor"),
        ("A foggy harbor!", {"weather": "foggy"}, "A foggy harbor!"),
        ("A foggyish harbor", {"weather": "foggy"}, "A foggyish harbor. Foggy weather."),
        ("Mara", {"pose": "leaning_on_bar", "camera_angle": "medium_closeup"}, "Mara. Pose: leaning on bar, medium closeup shot."),
        ("Mara", {"intensity": 0.1}, "Mara. Subtle."),
        ("Mara", {"intensity": 0.6}, "Mara. Moderate intensity."),
        ("Mara", {"intensity": 1}, "Mara. Strong."),
        ("Mara", {"lens": "35 mm", "film_grain": "coarse"}, "Mara. Film grain: coarse, lens: 35 mm."),
        ("Mara", {"character": {"key": "mara"}, "mood": None, "flag": True, "list": [1]}, "Mara"),
        ("Mara", {"camera_movement": "static", "lighting": "dim"}, "Mara. Dim lighting, static camera."),
        ("", {"mood": "calm"}, "Calm mood."),
    ],
)
def test_style_in_words(prompt: str, style: dict[str, Any], said: str) -> None:
    assert words(prompt, **style) == said


def test_every_style_field_changes_the_words() -> None:
    fields = ["time_of_day", "weather", "mood", "camera_movement", "camera_angle", "pose", "lighting", "place", "anything"]
    assert len({words(**{field: "velvet"}) for field in fields}) == len(fields)
    assert len({words(intensity=share) for share in (0.1, 0.5, 0.9)}) == 3
