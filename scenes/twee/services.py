"""A Twee file becomes a scene in one authored change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from npcs.models import Npc
from pixsim.lib.errors import FieldError, Invalid
from pixsim.models import User
from scenes.models import Scene
from scenes.services import MAX_EDGES, MAX_NODES, store_graph
from worlds.models import World
from worlds.services import authored, free_key

from .graph import Graph, graph_of
from .reading import Loss, read


@dataclass(frozen=True, slots=True)
class Imported:
    scene: Scene
    losses: list[Loss]


def import_twee(*, world: World, actor: User, content: bytes, title: str = "") -> Imported:
    """A new scene; nothing is written but whole. Raises Invalid pointing at /file, TooLarge."""
    people = set(Npc.objects.filter(world=world).values_list("key", flat=True))
    graph = graph_of(read(content), people=people)
    _not_too_much(graph)
    with authored(world, actor) as change:
        taken = set(Scene.objects.filter(world=world).values_list("key", flat=True))
        name = title or graph.title
        scene = Scene.objects.create(world=world, key=free_key(name, taken, default="scene"), title=name, meta=graph.meta)
        change.touch(scene)
        store_graph(scene, graph.data)
    return Imported(scene, graph.losses)


def _not_too_much(graph: Graph) -> None:
    counts: list[tuple[Any, int, str]] = [(graph.data["nodes"], MAX_NODES, "passages"), (graph.data["edges"], MAX_EDGES, "links")]
    errors = [
        FieldError("/file", "too_many", f"A scene may have {limit} {things}; here are {len(rows)}.")
        for rows, limit, things in counts
        if len(rows) > limit
    ]
    if not graph.data["nodes"]:
        errors.append(FieldError("/file", "no_passages", "There is no passage of the telling in this file."))
    if errors:
        raise Invalid(errors)
