"""What a client may load beforehand: only what is one open move away; and the sound of a place, where there is one."""

from __future__ import annotations

from typing import Any

from sessions.engine import Ids, PlayState, Started, begin, view
from sessions.spec import WorldSpec, compile_world
from tests.documents import document, edge, node, place, scene


def played() -> tuple[WorldSpec, PlayState]:
    world = compile_world(
        document(
            locations=[place("quay", meta={"ambient_sound": "waves"})],
            scenes=[
                scene(
                    "intro",
                    [node("a"), node("b", asset="clip_b"), node("c", asset="clip_c"), node("door", "scene", meta={"sceneConfig": {"scene": "inn"}})],
                    [
                        edge("to_b", "a", "b", "Open"),
                        edge("to_c", "a", "c", "Locked", conditions={"flags": ["key"]}),
                        edge("to_inn", "a", "door", "Into the inn"),
                    ],
                    is_entry=True, entry_node="a", location="quay",
                ),
                scene("inn", [node("bar", asset="clip_bar")], [], entry_node="bar"),
            ],
        )
    )  # fmt: skip
    return world, begin(world, Started()).state


def media(key: str) -> dict[str, Any]:
    return {"kind": "audio" if key == "waves" else "video", "url": f"/media/{key}", "poster": "", "width": 1, "height": 1, "pending": False}


def test_the_clips_of_open_choices_may_be_loaded_and_no_others() -> None:
    world, state = played()
    shown = view(world, state, ids=Ids({}, {}, {}), media=media)
    assert shown["ahead"] == ["/media/clip_b", "/media/clip_bar"]


def test_a_place_sounds_where_its_sound_exists() -> None:
    world, state = played()
    assert view(world, state, ids=Ids({}, {}, {}), media=media)["place"]["ambient_url"] == "/media/waves"
    assert view(world, state, ids=Ids({}, {}, {}), media=lambda key: None)["place"]["ambient_url"] == ""
