"""The interaction studio: a form that says how things stand, and what could then be done with somebody, why, and what would come of it.

Everything stands in the address – the state, the moves tried out, what was asked – so that a page can be kept, sent and stepped back from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.http import QueryDict
from django.utils.text import Truncator

from pixsim.lib.errors import DomainError, FieldError, Invalid, NotAvailable
from worlds.models import World
from worlds.rules.clock import DAY, WEEKDAYS, hhmm, parse_hhmm
from worlds.rules.graph import SceneSpec
from worlds.rules.mood import labels
from worlds.rules.stats import Axis
from worlds.rules.words import first_reason, number, title

from . import engine, mock, simulation, ways
from .engine import Ids, PlayState
from .engine.checks import GAME
from .matrix import Band, Row, availability
from .moves import said
from .simulation import Simulated, Stage
from .spec import WorldSpec
from .stage import meter, person, writer_title

Json = dict[str, Any]
MAX_MOVES: Final = 20
WORDS: Final = 500  # characters of free words
STATUSES: Final = {"always": "Always open", "sometimes": "Sometimes open", "never": "Never open"}
MOVE: Final = re.compile(r"(?P<interaction>[^/~]+)(?:/(?P<choice>[^/~]+)|~(?P<words>.+))?", re.DOTALL)
CELLS: Final = {"open": "open", "part": "open for a part of the hour", "shut": "closed"}


@dataclass(frozen=True)
class Form:
    """What the address says, and what the form shows of it."""

    world: WorldSpec
    ids: Ids
    npc: str
    data: QueryDict

    @cached_property
    def fresh(self) -> bool:
        """Whether nothing was said about the state yet."""
        return "time" not in self.data

    @cached_property
    def weekday(self) -> int:
        given = self.data.get("day", "")
        return int(given) if given in "1234567" and len(given) == 1 else self.world.clock.weekday(0)

    @cached_property
    def second(self) -> int:
        try:
            return parse_hhmm(self.data.get("time", "")) % DAY
        except ValueError:
            return self._first_hour

    @cached_property
    def _first_hour(self) -> int:
        """The first full hour from the beginning on at which the NPC is anywhere: a page that begins with somebody absent shows nothing."""
        clock = self.world.clock
        hours = (time for time in range(0, DAY, 3600) if self.world.usual(self.npc, time).location)
        return clock.second(next(hours, 0))

    @cached_property
    def world_time(self) -> int:
        """The first moment of the world at this weekday and time of day."""
        clock = self.world.clock
        days = (self.weekday - clock.weekday(0)) % 7
        moment = days * DAY + self.second - clock.second(0)
        return moment if moment >= 0 else moment + 7 * DAY

    @cached_property
    def usual(self) -> str:
        return self.world.usual(self.npc, self.world_time).location

    @cached_property
    def location(self) -> str:
        if self.fresh:
            return self.usual or mock.beginning(self.world)
        return self.data.get("place", "")

    @cached_property
    def on_stage(self) -> bool:
        """Whether a scene has put the NPC where the player is."""
        return bool(self.data.get("here"))

    @cached_property
    def axis(self) -> str:
        wanted = self.data.get("axis", "affinity")
        return wanted if wanted in self.world.axes else next(iter(self.world.axes), "")

    @cached_property
    def along(self) -> bool:
        return self.data.get("where", "along") == "along"

    @cached_property
    def moves(self) -> list[str]:
        """The moves tried out: `talk`, `talk/good_coin`, `talk~Good evening`."""
        if again := self.data.get("again"):
            return [again]
        moves = [move for move in self.data.getlist("do") if move][:MAX_MOVES]
        if back := self.data.get("back"):
            return [] if back == "all" else moves[:-1]
        if moves and moves[-1].endswith("~"):
            words = self.data.get("say", "").replace("\0", "").strip()[:WORDS]
            moves[-1:] = [moves[-1] + words] if words else []
        return moves

    def given(self) -> Json:
        """The mock state the form says. Numbers that are none are left out."""
        state: Json = {"world_time": self.world_time, "location": self.location or None}
        if not self.fresh:
            state["flags"] = list(dict.fromkeys(self.data.getlist("flag")))
            state["seen"] = list(dict.fromkeys(self.data.getlist("seen")))
        for name in ("stats", "inventory"):
            state[name] = dict(self._numbers(f"{name}."))
        if towards := dict(self._numbers("rel.")):
            state["relationships"] = {f"npc:{self.npc}": towards}
        if mood := self.data.get("mood"):
            state["mood"] = {f"npc:{self.npc}": mood}
        if self.on_stage:
            state["placed"] = {f"npc:{self.npc}": self.location or None}
        return state

    def _numbers(self, prefix: str) -> Iterator[tuple[str, int]]:
        for name, text in self.data.items():
            if name.startswith(prefix) and (digits := str(text).strip()).removeprefix("-").isdecimal() and digits.isascii() and len(digits) < 8:
                yield name.removeprefix(prefix), int(digits)


def page(world: World, spec: WorldSpec, ids: Ids, npc: str, data: QueryDict) -> Json:
    """The context of the studio for one NPC. One query, for the portraits; with a move tried out one more."""
    form = Form(spec, ids, npc, data)
    errors: list[FieldError] = []
    try:
        stage = simulation.of_mock(spec, form.given(), ids=ids, npc=npc)
    except Invalid as invalid:
        errors = invalid.errors
        stage = simulation.of_mock(spec, {"world_time": form.world_time}, ids=ids, npc=npc)
    shown = dressed(simulation.seen(stage, npc))
    return {
        "world": world,
        "form": form,
        "errors": errors,
        "editor": _editor(form, stage),
        "npc": shown,
        "interactions": [_interaction(form, stage, each) for each in engine.interaction_list(spec, stage.state, npc, ids=ids, author=True)],
        "tried": _tried(form, stage, shown) if form.moves else None,
        "matrix": _matrix(form, stage),
        "state_json": mock.as_json(spec, stage.state, ids=ids),
    }


# -- the editor -------------------------------------------------------------------------------------------------------


def _editor(form: Form, stage: Stage) -> Json:
    world, state = stage.world, stage.state
    relationship = world.relationship(state, form.npc)
    usual = world.places.get(form.usual)
    return {
        "days": [{"value": day, "label": name, "chosen": day == form.weekday} for day, name in enumerate(WEEKDAYS, 1)],
        "time": hhmm(form.second),
        "label": world.clock.at(state.world_time).label,
        "places": [{"value": key, "label": place.name, "chosen": key == state.location} for key, place in world.places.items()],
        "nowhere": not state.location,
        "usual": usual.name if usual else "",
        "here": form.on_stage,
        "sliders": [_slider(world, name, axis, relationship[name]) for name, axis in world.axes.items()],
        "moods": [{"value": label, "label": title(label), "chosen": label == mock.forced_mood(state, form.npc)} for label in _moods(world)],
        "flags": _flags(world, state),
        "stats": [_count("stats", key, each.title, each.axis, state.stats) for key, each in world.stats.items()],
        "items": [_count("inventory", key, each.title, each.axis, state.inventory) for key, each in world.items.items()],
        "scenes": [{"label": world.scene(key).title, "nodes": _nodes(world.scene(key), state)} for key in world.scene_keys],
        "seen_count": len(state.seen),
    }


def _flags(world: WorldSpec, state: PlayState) -> list[Json]:
    found = [{"value": key, "label": world.names.flags.get(key, title(key)), "chosen": key in state.flags} for key in mock.flags_of(world)]
    return sorted(found, key=lambda flag: flag["label"])


def _nodes(scene: SceneSpec, state: PlayState) -> list[Json]:
    return [{"value": node.path, "label": node.label or title(node.key), "chosen": node.path in state.seen} for node in scene.nodes.values()]


def _slider(world: WorldSpec, name: str, axis: Axis, value: int) -> Json:
    return {
        "axis": name, "label": title(name), "value": value, "shown": number(value), "min": axis.minimum, "max": axis.maximum,
        "word": world.tiers[name].of(value).title if name in world.tiers else "",
    }  # fmt: skip


def _count(kind: str, key: str, label: str, axis: Axis, values: Mapping[str, float]) -> Json:
    return {"name": f"{kind}.{key}", "label": label, "value": values.get(key, axis.default), "min": axis.minimum, "max": axis.maximum}


def _moods(world: WorldSpec) -> tuple[str, ...]:
    return labels(world.packages["mood"]) if "mood" in world.packages else ()


# -- interactions -----------------------------------------------------------------------------------------------------


def _interaction(form: Form, stage: Stage, found: Json) -> Json:
    names = {"world": "World", "role": title(stage.world.npc(form.npc).role) or "Role", "npc": stage.world.npc(form.npc).name, GAME: "Rule of play"}
    checks = [{**check, "level_title": names[check["level"]]} for check in found["checks"]]
    changed = sorted({names[level] for level in found["origin"].values()} - {names["world"]})
    asked = form.data.get("way") == found["id"]
    return {
        **found,
        "checks": checks,
        "changed_by": changed,
        "way": ways.way_of(stage.world, stage.state, form.npc, found["id"]) if asked else None,
        "type_title": "Conversation" if found["type"] == "inline_dialogue" else "Leads to a scene",
    }


# -- trying out -------------------------------------------------------------------------------------------------------


def _tried(form: Form, stage: Stage, before: Json) -> Json:
    """The moves one after the other, each on the state the one before left; where one is refused, why. One query."""
    steps: list[Json] = []
    last: Simulated | None = None
    refused = ""
    for move in form.moves:
        try:
            last = simulation.simulate(stage, action_of(stage, form.npc, move))
        except DomainError as error:
            reasons = error.reasons if isinstance(error, NotAvailable) else ()
            refused = f"{error.detail} {first_reason(reasons, stage.world.names)}".strip()
            break
        stage = last.after
        steps.append({"label": label_of(stage.world, form.npc, move), "changes": [change.label for change in last.changes if change.label]})
    done = simulation.as_json(last, form.npc) if last else None
    after = dressed(done["npc"]["after"]) if done else before
    return {
        "steps": steps,
        "refused": refused,
        "done": done,
        "before": before,
        "after": after,
        "moved": [_moved(was, now) for was, now in zip(before["meters"], after["meters"], strict=True)],
        "writer": writer_title(done["writer"]) if done and done["writer"] else "",
        "kept": form.moves[: len(steps)],
        "talking": found["interaction"] if (found := MOVE.fullmatch(form.moves[-1])) else "",
    }


def _moved(before: Json, after: Json) -> Json:
    by = after["value"] - before["value"]
    return {**after, "before": before["shown"], "by": f"{'+' if by > 0 else ''}{number(by)}" if by else ""}


def action_of(stage: Stage, npc: str, move: str) -> engine.Action:
    found = MOVE.fullmatch(move)
    if found is None:
        raise Invalid("The address names no move.")
    return said(stage.world, stage.state, npc, found["interaction"], choice=found["choice"] or "", text=found["words"] or "")


def label_of(world: WorldSpec, npc: str, move: str) -> str:
    found = MOVE.fullmatch(move)
    if found is None:
        return move
    if found["words"]:
        return f"“{Truncator(found['words']).chars(60)}”"
    interaction, choice = world.interactions(npc).get(found["interaction"]), found["choice"]
    if interaction is None or not choice:
        return interaction.label if interaction else title(found["interaction"])
    return f"“{interaction.choices[choice].label}”" if choice in interaction.choices else title(choice)


def dressed(npc: Json) -> Json:
    return {**person(npc), "meters": [meter(one) for one in npc["meters"]]}


# -- the matrix -------------------------------------------------------------------------------------------------------


def _matrix(form: Form, stage: Stage) -> Json:
    if not form.axis:
        return {"rows": []}
    world, state = stage.world, stage.state
    value = world.relationship(state, form.npc)[form.axis]
    hour = world.clock.second(state.world_time) // 3600
    rows = availability(world, state, form.npc, axis=form.axis, along=form.along)
    return {
        "axes": [{"value": name, "label": title(name), "chosen": name == form.axis} for name in world.axes],
        "axis": title(form.axis),
        "along": form.along,
        "hours": [{"hour": number, "label": f"{number:02d}", "now": number == hour} for number in range(24)],
        "rows": [_row(row, value, hour) for row in rows],
        "day": WEEKDAYS[form.weekday - 1],
    }


def _row(row: Row, value: int, hour: int) -> Json:
    return {
        "interaction": row.interaction,
        "label": row.label,
        "status": row.status,
        "status_title": STATUSES[row.status],
        "bands": [_band(band, value, hour) for band in reversed(row.bands)],
    }


def _band(band: Band, value: int, hour: int) -> Json:
    now = band.low <= value <= band.high
    low, high = number(band.low), number(band.high)
    cells = [{"state": cell, "word": CELLS[cell], "now": now and each == hour, "hour": f"{each:02d}:00"} for each, cell in enumerate(band.cells)]
    return {"label": low if band.low == band.high else f"{low} to {high}", "now": now, "cells": cells}
