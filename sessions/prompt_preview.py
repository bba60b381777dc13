"""What an NPC would be told, and what the scripted writer would say, in states nobody plays: for authors, beside their form. Nothing is kept.

It is the same step, the same request and the same prompt as in a session.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from npcs import writers
from npcs.models import Npc
from npcs.prompts import cache
from npcs.prompts.dialogue import Prompt
from pixsim.lib import schema
from pixsim.lib.api.preconditions import merge_patch
from pixsim.lib.canonical import sha256
from pixsim.lib.errors import FieldError, Invalid, NotAvailable
from worlds.rules.mood import Mood
from worlds.rules.words import first_reason

from . import dialogue, engine, mock
from .engine import Ids, PlayState, Turn
from .engine.talking import interaction_verdicts
from .publishing import draft_spec
from .spec import WorldSpec

Json = dict[str, Any]
TURN: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A situation: what the player does, in which state (merged into the preview's). `id` names it for the reader."""

    id: str
    label: str
    interaction: str
    state: Mapping[str, Any]
    choice: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """`world` and `state` are those the line is asked in. `reason` says why the interaction is not open then; the prompt is shown all the same."""

    scenario: Scenario
    world: WorldSpec
    state: PlayState
    mood: Mood
    prompt: Prompt
    sample: writers.Written
    reason: str


# What authors look at first, and what is tried where the world knows no such interaction.
USUAL: Final = (
    ("talk", "Talk at affinity 30", {"affinity": 30}, {"label": "Talk"}),
    ("flirt", "Flirt at affinity 60", {"affinity": 60}, {"label": "Flirt", "branching_intent": "escalate"}),
    ("argument", "Argument at tension 80", {"tension": 80}, {"label": "Argue", "branching_intent": "escalate"}),
)


def preview(
    *,
    npc: Npc,
    personality: Mapping[str, Any] | None = None,
    state: Mapping[str, Any] | None = None,
    scenarios: Sequence[Mapping[str, Any]] | None = None,
) -> list[Previewed]:
    """One answer for every scenario, the usual ones where none are given. Writes nothing; the queries are those of `draft_spec`.

    `personality` is merged into the NPC's own (null removes a trait). Raises Invalid with pointers.
    """
    spec, ids = draft_spec(npc.world)
    own = dict(next(part for part in spec.document["npcs"] if part["key"] == npc.key))
    if personality is not None:
        own["personality"] = merge_patch(own.get("personality") or {}, personality)
        schema.validate("npcs/personality", own["personality"], prefix="/personality")
    asked = [_given(entry, number) for number, entry in enumerate(scenarios)] if scenarios else _usual(spec, npc.key, state or {})
    _lend(spec, own, asked)
    world = _with(spec, own)
    unknown = [
        FieldError(f"/scenarios/{number}/interaction_id", "does_not_exist", _no_interaction(one.interaction, world, npc.key))
        for number, one in enumerate(asked)
        if one.interaction not in world.interactions(npc.key)
    ]
    if unknown:
        raise Invalid(unknown)
    return [_previewed(world, ids, npc, one, state or {}, f"/scenarios/{number}/state") for number, one in enumerate(asked)]


def _previewed(world: WorldSpec, ids: Ids, npc: Npc, scenario: Scenario, base: Mapping[str, Any], pointer: str) -> Previewed:
    given = merge_patch(dict(base), dict(scenario.state)) if scenario.state else base
    before = mock.state(world, given, ids=ids, npc=npc.key, pointer=pointer if scenario.state else "/state")
    if "location" not in given and "v" not in given:  # where the NPC is, so that the two can meet
        before = before._replace(location=world.usual(npc.key, before.world_time).location or before.location)
    state, reason = _asked(world, before, npc.key, scenario)
    assert state.turn is not None  # noqa: S101 – _asked opens one
    request = replace(dialogue.request_for(world, state, state.turn, seed=mock.seed(given)), world=npc.world_id)
    return Previewed(
        scenario=scenario,
        world=world,
        state=state,
        mood=world.mood(state, npc.key),
        prompt=cache.prompt_of(request),
        sample=dialogue.local_line(world, request),
        reason=reason,
    )


def _asked(world: WorldSpec, before: PlayState, npc: str, scenario: Scenario) -> tuple[PlayState, str]:
    """The state after the player did it, with its open turn; where it is not open, the state as it is with such a turn, and the reason."""
    action = engine.Interact(npc=npc, interaction=scenario.interaction, choice=scenario.choice, text=scenario.text, turn=TURN)
    interaction = world.interactions(npc)[scenario.interaction]
    reason = ""
    try:
        state = engine.step(world, before, action).state
        if state.turn is not None:
            return state, ""
    except NotAvailable as refused:
        reason = first_reason(interaction_verdicts(world, before, npc, interaction), world.names) or refused.detail
    said = interaction.choices[scenario.choice].label if scenario.choice in interaction.choices else scenario.text
    choice = scenario.choice if scenario.choice in interaction.choices else ""
    return before._replace(turn=Turn(TURN, npc, interaction.id, choice, said, True, False, ())), reason


# -- scenarios --------------------------------------------------------------------------------------------------------


def _given(entry: Mapping[str, Any], number: int) -> Scenario:
    interaction = entry.get("interaction_id") or "talk"
    name = entry.get("name") or ""
    return Scenario(
        id=interaction if not name else f"scenario_{number + 1}",
        label=name or interaction.replace("_", " ").capitalize(),
        interaction=interaction,
        state=entry.get("state") or {},
        choice=entry.get("choice_id") or "",
        text=(entry.get("user_choice_text") or "").strip(),
    )


def _usual(spec: WorldSpec, npc: str, state: Mapping[str, Any]) -> list[Scenario]:
    """The usual scenarios. In a whole state nothing is moved, so there it is one: as it stands."""
    found = []
    for key, label, axes, _ in USUAL:
        moved = {axis: value for axis, value in axes.items() if axis in spec.axes}
        found.append(Scenario(id=key, label=label, interaction=key, state={"relationships": {f"npc:{npc}": moved}} if moved else {}))
    return [replace(found[0], label="As it stands", state={})] if "v" in state else found


def _lend(spec: WorldSpec, own: Json, scenarios: Iterable[Scenario]) -> None:
    """Gives the NPC those of the usual interactions that are asked for and that it lacks."""
    asked = {scenario.interaction for scenario in scenarios} - spec.interactions(own["key"]).keys()
    lent = {key: definition for key, _, _, definition in USUAL if key in asked}
    if lent:
        own["interaction_overrides"] = {**(own.get("interaction_overrides") or {}), **lent}


def _with(spec: WorldSpec, own: Json) -> WorldSpec:
    """The world with this NPC as it is in the form."""
    people = [own if part["key"] == own["key"] else part for part in spec.document["npcs"]]
    if people == spec.document["npcs"]:
        return spec
    return WorldSpec({**spec.document, "npcs": people}, sha256([spec.sha, own]))


def _no_interaction(key: str, world: WorldSpec, npc: str) -> str:
    return f"There is no interaction “{key}”. There are: {_named(world.interactions(npc))}."


def _named(keys: Iterable[str]) -> str:
    return ", ".join(sorted(keys)) or "none"


# -- told -------------------------------------------------------------------------------------------------------------


def relationship_json(world: WorldSpec, state: PlayState, npc: str) -> Json:
    values = world.relationship(state, npc)
    return {
        axis: {"value": value, "words": world.tiers[axis].of(value).title if axis in world.tiers else "", "min": world.axes[axis].minimum,
               "max": world.axes[axis].maximum}
        for axis, value in values.items()
    }  # fmt: skip
