"""Somebody who plays The Harbor District move by move, with the scripted writer answering, and keeps what was met on the way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from npcs import writers
from npcs.snapshot import resolve_npc_snapshot
from npcs.writers import AuthoredLine, WriterRequest
from sessions.engine import actions as act
from sessions.engine.options import options
from sessions.engine.state import PlayState
from sessions.engine.step import begin, step
from sessions.spec import WorldSpec, compile_world
from worlds.archive import read_folder
from worlds.rules.conditions import Context, compile_gate

FOLDER = Path(__file__).resolve().parents[2] / "scenes" / "worlds" / "harbor_district"
HOUR = 3600


@cache
def harbor_district() -> WorldSpec:
    return compile_world(read_folder(FOLDER).document)


@dataclass
class Seen:
    """What was met, over as many plays as share it."""

    edges: set[str] = field(default_factory=set)
    nodes: set[str] = field(default_factory=set)
    said: set[tuple[str, str, str]] = field(default_factory=set)
    interactions: set[tuple[str, str]] = field(default_factory=set)
    hotspots: set[str] = field(default_factory=set)
    flags: set[str] = field(default_factory=set)


class Player:
    """Every move goes through `step`; what is not open raises. Sentences of methods read like the play they make."""

    def __init__(self, seen: Seen | None = None) -> None:
        self.world = harbor_district()
        self.seen = seen or Seen()
        self.moves = 0
        self.state: PlayState = begin(self.world, act.Started()).state
        self.seen.nodes.add(self.state.at.path)

    # -- moves --------------------------------------------------------------------------------------------------------

    def move(self, action: act.Action) -> Player:
        self.moves += 1
        if hasattr(action, "turn"):
            action = replace(action, turn=self.moves)
        made = step(self.world, self.state, action)
        self.state = made.state
        for touch in made.touched:
            if touch.kind == "edge":
                self.seen.edges.add(touch.subject)
            elif touch.kind == "node":
                self.seen.nodes.add(touch.subject)
        self.seen.flags |= self.state.flags
        if self.state.turn is not None and self.state.turn.waiting:
            self.state = step(self.world, self.state, self._answer()).state
        return self

    def choose(self, *edges: str) -> Player:
        for edge in edges:
            while edge not in self.open_edges():
                self.move(act.Continue())
            self.move(act.Choose(edge=edge))
        return self

    def skip(self) -> Player:
        """Continue once: the clip is over."""
        return self.move(act.Continue())

    def go_on(self) -> Player:
        """Continue until exploring or until something has to be chosen."""
        while self.state.at is not None and any(isinstance(o.action, act.Continue) for o in options(self.world, self.state)):
            self.move(act.Continue())
        return self

    def go_on_to(self, node: str) -> Player:
        """Continue until this node of the scene."""
        while self.state.at.node != node:
            self.skip()
        return self

    def at(self, place: str, hour: int | None = None) -> Player:
        """Explore a place, at the next full such hour if one is given."""
        self.go_on()
        if hour is not None:
            wait = (hour * HOUR - self.world.clock.at(self.state.world_time).second) % (24 * HOUR)
            if wait:
                self.move(act.Wait(seconds=wait))
        return self if self.state.location == place else self.move(act.Travel(location=place))

    def hotspot(self, key: str) -> Player:
        self.seen.hotspots.add(key)
        return self.move(act.Hotspot(hotspot=key))

    def interact(self, npc: str, interaction: str) -> Player:
        self.seen.interactions.add((npc, interaction))
        return self.move(act.Interact(npc=npc, interaction=interaction))

    def talk(self, npc: str, *choices: str, interaction: str = "talk") -> Player:
        """A conversation, begun anew where it closed."""
        for choice in choices:
            turn = self.state.turn
            if turn is None or turn.closed or (turn.npc, turn.interaction) != (npc, interaction):
                self.interact(npc, interaction)
            self.seen.said.add((npc, interaction, choice))
            self.move(act.Say(choice=choice))
        return self

    # -- what there is ------------------------------------------------------------------------------------------------

    def open_edges(self) -> set[str]:
        return {o.action.edge for o in options(self.world, self.state) if isinstance(o.action, act.Choose)}

    def rel(self, npc: str, axis: str) -> int:
        return self.world.relationship(self.state, npc)[axis]

    @property
    def hour(self) -> int:
        return self.world.clock.at(self.state.world_time).second // HOUR

    def mood(self, npc: str) -> str:
        return self.world.mood_label(self.state, npc)

    @property
    def line(self) -> str:
        """What was said to the player last."""
        return self.state.talk[self.state.turn.npc].lines[-1].text

    # -- the writer ---------------------------------------------------------------------------------------------------

    def request(self) -> WriterRequest:
        """What the writer of the waiting turn is asked, as the dialogue service asks it."""
        turn, world, state = self.state.turn, self.world, self.state
        npc = world.npc(turn.npc)
        interaction = world.interactions(turn.npc)[turn.interaction]
        values = world.relationship(state, turn.npc)
        mood = world.mood(state, turn.npc)
        moment = world.clock.at(state.world_time)
        said = [line.text for line in state.talk[turn.npc].lines if line.by == "npc"] if turn.npc in state.talk else []
        choice = interaction.choices.get(turn.choice)
        lines = choice.replies if choice else interaction.lines
        open_lines = [x for x in lines if compile_gate(x.get("conditions"), Context(axes=world.axes)).holds(world, state, turn.npc)]
        return WriterRequest(
            snapshot=resolve_npc_snapshot(
                name=npc.name,
                personality=npc.personality,
                mood={"current_emotion": mood.label, "intensity": mood.intensity, "tags": mood.tags},
                relationship=values,
                tier=world.tiers["affinity"].of(values["affinity"]).key,
                world_time=state.world_time,
                memories=state.memories.get(turn.npc, ()),
                drives={axis: world.drive(state, turn.npc, axis) for axis in world.drive_axes},
                place=world.places[state.location].name,
                hour=moment.second // HOUR,
            ),
            npc_name=npc.name,
            seed=self.moves,
            interaction=interaction.id,
            label=interaction.label,
            intent=interaction.intent,
            purpose="reply" if turn.said else "greet",
            lines=tuple(AuthoredLine.parse(x) for x in open_lines),
            player_text=turn.said,
            tone=choice.tone if choice else "",
            choice=turn.choice,
            last_lines=tuple(said),
            rating="romantic",
        )

    def _answer(self) -> act.Answered:
        written = writers.get().write(self.request())
        return act.Answered(turn=self.state.turn.id, text=written.text, writer=written.writer, emotion=written.emotion or "")
