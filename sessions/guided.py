"""The guided first world: what a few plain answers become – a place, a person, a scene – with pictures that this machine makes.

Everything is written by the services any author's change goes through, and can be taken up again in the full tools at once. A step done again
changes what it made before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generation.models import Asset
from generation.services import ensure_asset
from npcs import services as people
from npcs.models import Npc
from pixsim.models import User
from scenes import services as scenes
from scenes.models import Scene
from worlds import services as worlds
from worlds.manifest import BEGINNING
from worlds.models import Location, World
from worlds.queries import free_x
from worlds.services import authored, free_key, world_asset_key

from .publishing import Published, publish

Answers = Mapping[str, Any]
FACES = ("neutral", "happy", "sad", "angry", "curious")
FACE_CROP = {"x": 100, "y": 50, "width": 400, "height": 400}
TRUSTED = 20
"""Affinity that opens the answer for friends: three friendly meetings."""


def make_world(*, owner: User, answers: Answers) -> World:
    return worlds.create_world(owner=owner, name=answers["name"], meta=_meta({}, answers))


def change_world(*, world: World, actor: User, answers: Answers) -> None:
    worlds.change_world(world=world, actor=actor, patch=lambda data: {**data, "name": answers["name"], "meta": _meta(data["meta"], answers)})


def _meta(meta: Mapping[str, Any], answers: Answers) -> dict[str, Any]:
    manifest = dict(meta.get("manifest") or {})
    clock = {**manifest.get("clock", {}), "start_time": answers["start_time"].strftime("%H:%M")}
    said = {name: answers[name] for name in ("theme", "tone") if answers.get(name)}
    return {
        **{key: value for key, value in meta.items() if key not in ("theme", "tone")},
        **said,
        "manifest": {**BEGINNING, **manifest, "clock": clock},
    }


# -- places -----------------------------------------------------------------------------------------------------------
def places_of(world: World) -> list[Location]:
    return list(Location.objects.filter(world=world).order_by("pk"))


def make_places(*, world: World, actor: User, answers: Answers) -> list[Location]:
    """The first place, and a second where one was named; the picture of the first is the world's poster."""
    present = places_of(world)
    picture = _still(world, f"{answers['name']}. {answers['description']}", answers, look=answers["look"])
    first = _place(world, actor, present[0] if present else None, answers["name"], picture, answers["description"])
    if answers.get("other"):
        there = _still(world, answers["other"], answers, look=answers.get("other_look") or "street")
        _place(world, actor, present[1] if len(present) > 1 else None, answers["other"], there, "")
    worlds.change_world(world=world, actor=actor, patch=lambda data: {**data, "poster_asset_id": picture.pk})
    return [first, *places_of(world)[1:]]


def _place(world: World, actor: User, present: Location | None, name: str, picture: Asset, description: str) -> Location:
    meta = {"description": description} if description else {}
    if present is None:
        data = {"name": name, "picture_asset_id": picture.pk, "meta": meta, "x": free_x(actor, world.pk), "y": 0}
        return worlds.create_location(world=world, actor=actor, data=data)
    patch = lambda data: {**data, "name": name, "picture_asset_id": picture.pk, "meta": {**data["meta"], **meta}}  # noqa: E731
    return worlds.change_location(location=present, actor=actor, patch=patch)


def _still(world: World, prompt: str, answers: Answers, *, look: str) -> Asset:
    recipe = {"renderer": "still", "prompt": prompt[:1000], "seed": world.pk % 10_000, "style": _style(answers, look)}
    return ensure_asset(owner=world.owner, media_type="image", recipe=recipe, label=prompt.partition(".")[0][:80])


def _style(answers: Answers, look: str) -> dict[str, str]:
    given = {"time_of_day": answers.get("light"), "weather": answers.get("weather"), "mood": answers.get("mood")}
    return {"place": look, **{key: value for key, value in given.items() if value}}


# -- a person ---------------------------------------------------------------------------------------------------------
def person_of(world: World) -> Npc | None:
    return Npc.objects.filter(world=world).order_by("pk").first()


def make_person(*, world: World, actor: User, answers: Answers) -> Npc:
    """Somebody with a face for each of five moods, a character, and a day: here by day, there in the evening."""
    axes = {name: answers[name] / 100 for name in ("extraversion", "agreeableness", "neuroticism")}
    personality = {**axes, **({"background": answers["background"]} if answers["background"] else {})}
    data = {"name": answers["name"], "role": answers["role"], "home_location_id": int(answers["place"]), "personality": personality}
    present = person_of(world)
    if present is None:
        npc = people.create_npc(world=world, actor=actor, data=data)
    else:
        npc = people.change_npc(npc=present, actor=actor, patch=lambda known: {**known, **data})
    day = {"days": list(range(1, 8)), "start": "08:00", "end": "18:00", "activity": "working", "location_id": int(answers["place"])}
    evening = {"days": list(range(1, 8)), "start": "18:00", "end": "23:00", "activity": "resting", "location_id": int(answers["evening"])}
    people.replace_slots(npc=npc, actor=actor, entries=[day, evening])
    look = {name: answers[name] for name in ("presentation", "age", "clothing", "hair_color", "skin")}
    faces = [{"state": face, "asset_id": _face(world, answers["name"], look, face).pk, "crop": FACE_CROP} for face in FACES]
    people.replace_expressions(npc=npc, actor=actor, entries=faces)
    return npc


def _face(world: World, name: str, look: Answers, face: str) -> Asset:
    recipe = {"renderer": "portrait", "character": {"name": name[:80], **look}, "expression": face, "seed": world.pk % 10_000}
    return ensure_asset(owner=world.owner, media_type="image", recipe=recipe, label=f"{name}, {face}"[:80])


# -- a scene ----------------------------------------------------------------------------------------------------------
def scene_of(world: World) -> Scene | None:
    return Scene.objects.filter(world=world).order_by("pk").first()


def make_scene(*, world: World, actor: User, answers: Answers) -> Scene:
    """A clip to begin with, what the person says, and the answers: each with what it changes."""
    npc, place = person_of(world), places_of(world)[0]
    data = {"title": answers["title"], "location_id": place.pk, "npc_id": npc.pk if npc else None, "is_entry": True}
    present = scene_of(world)
    if present is None:
        scene = scenes.create_scene(world=world, actor=actor, data=data)
    else:
        scene = scenes.change_scene(scene=present, actor=actor, patch=lambda known: {**known, **data})
    clip = _clip(world, place, answers)
    with authored(world, actor):
        still = world_asset_key(world, place.picture) if place.picture else None
    scenes.replace_graph(scene=scene, actor=actor, data=_graph(answers, still, clip))
    return scene


def _clip(world: World, place: Location, answers: Answers) -> Asset:
    style = dict((place.picture.recipe or {}).get("style") or {}) if place.picture else {}
    recipe = {
        "renderer": "animatic", "prompt": f"{place.name}. {answers['opening']}"[:1000], "seed": world.pk % 10_000,
        "style": {**style, "mood": answers["mood"], "camera_movement": "slow pan", "duration_sec": 6},
    }  # fmt: skip
    return ensure_asset(owner=world.owner, media_type="video", recipe=recipe, label=answers["title"][:80])


def _graph(answers: Answers, still: str | None, clip: Asset) -> dict[str, Any]:
    def node(key: str, kind: str, label: str, text: str, column: int, row: int) -> dict[str, Any]:
        meta = {"position": {"x": column * 434, "y": row * 220}, **({"text": text} if text else {}), **({"still": still} if still else {})}
        return {"id": key, "kind": kind, "label": label, "meta": meta}

    def edge(source: str, target: str, label: str = "", **more: Any) -> dict[str, Any]:
        return {"id": f"{source}_{target}", "from_node_id": source, "to_node_id": target, "choice_label": label, **more}

    def felt(change: str) -> dict[str, Any]:
        return {"effects": {"relationships": {"npc": {"affinity": change}}, "flags": [free_key(f"met_in_{answers['title']}", ())]}}

    nodes = [
        {**node("opening", "video", answers["title"], answers["opening"], 0, 1), "asset_id": clip.pk},
        node("meeting", "video", "Meeting", answers["says"], 1, 1),
        node("answer", "choice", "What do you say?", "", 2, 1),
        node("kind", "video", "A friendly answer", answers["kind_reply"], 3, 0),
        node("cold", "video", "A cold answer", answers["cold_reply"], 3, 1),
        {"id": "out", "kind": "end", "label": "The day is yours", "meta": {"position": {"x": 4 * 434, "y": 220}}},
    ]
    edges = [
        edge("opening", "meeting"),
        edge("meeting", "answer"),
        edge("answer", "kind", answers["kind_choice"], **felt("+10")),
        edge("answer", "cold", answers["cold_choice"], **felt("-10")),
        edge("kind", "out"),
        edge("cold", "out"),
    ]
    if answers.get("secret_choice"):
        edges.insert(4, edge("answer", "out", answers["secret_choice"], conditions={"min_affinity": TRUSTED}, **felt("+5")))
    return {"nodes": nodes, "edges": edges}


# -- play -------------------------------------------------------------------------------------------------------------
def open_doors(*, world: World, actor: User) -> Published:
    """Give it to the players. Raises Conflict where something is broken."""
    return publish(world=world, actor=actor)
