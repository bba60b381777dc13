"""Interactions and conversations: what is open with whom, and the dialogue turn from the player's words to the written line."""

from __future__ import annotations

from typing import Any

from pixsim.lib.errors import NotAvailable, StaleSession
from sessions.spec import WorldSpec
from worlds.rules.conditions import Verdict
from worlds.rules.graph import ChoiceSpec, Interaction

from . import actions as act
from .draft import Request, StateDraft, Touch, touch
from .flow import entry, go, locked_by, push
from .influence import gate_of, influence, kept_in_mind, offers
from .state import Line, Offered, Talk, Turn

KEPT_LINES = 8


class StaleTurn(StaleSession):
    """An answer for a turn that is no longer waiting: it is costed, never applied."""

    code = "stale_turn"
    title = "This dialogue turn is over."


# -- what is open -----------------------------------------------------------------------------------------------------


def may_address(world: WorldSpec, state: Any, npc: str) -> bool:
    """Whether the moment lets one turn to this NPC: exploring, a free node, or the dialogue node of that NPC."""
    node = world.find_node(state.at)
    return node is None or node.free or (node.kind == "dialogue" and world.npc_of(state, node) == npc)


def interaction_open(world: WorldSpec, state: Any, npc: str, interaction: Interaction) -> bool:
    """Fast form of `not interaction_verdicts(…)`."""
    if not interaction.remote and not is_here(world, state, npc):
        return False
    return may_address(world, state, npc) and interaction_unlocked(world, state, npc, interaction)


def is_here(world: WorldSpec, state: Any, npc: str) -> bool:
    """Whether an NPC is where the player is; nobody is nowhere."""
    return bool(state.location) and world.location_of(state, npc) == state.location


def interaction_unlocked(world: WorldSpec, state: Any, npc: str, interaction: Interaction) -> bool:
    """Whether the interaction itself lets one, wherever the two are."""
    if interaction.lock and locked_by(interaction.lock, state.used.get(f"{npc}/{interaction.id}"), state.world_time):
        return False
    return interaction.gate.holds(world, state, npc)


def interaction_verdicts(world: WorldSpec, state: Any, npc: str, interaction: Interaction, *, everything: bool = False) -> tuple[Verdict, ...]:
    """What keeps an interaction shut, in the order a player should hear it; with `everything` also what is met."""
    found: list[Verdict] = []
    if not interaction.remote:
        here = is_here(world, state, npc)
        found.append(Verdict("npc_present", here, npc, True, here))
    found.extend(interaction.gate.explain(world, state, npc))
    lock = locked_by(interaction.lock, state.used.get(f"{npc}/{interaction.id}"), state.world_time)
    if lock:
        found.append(lock)
    elif everything and interaction.lock:
        once, seconds = interaction.lock.once, interaction.lock.cooldown_sec
        found.append(Verdict("once", True, had=False) if once else Verdict("cooldown", True, needed=seconds, had=0))
    if not may_address(world, state, npc):
        found.append(Verdict("busy", False, npc))
    return tuple(v for v in found if everything or not v.met)


def choice_key(npc: str, interaction: str, choice: str) -> str:
    return f"{npc}/{interaction}/{choice}"


def choice_verdicts(world: WorldSpec, state: Any, npc: str, interaction: str, choice: ChoiceSpec) -> tuple[Verdict, ...]:
    unmet = choice.gate.unmet(world, state, npc)
    lock = locked_by(choice.lock, state.used.get(choice_key(npc, interaction, choice.id)), state.world_time)
    return (*unmet, lock) if lock else unmet


def choice_open(world: WorldSpec, state: Any, npc: str, interaction: str, choice: ChoiceSpec) -> bool:
    lock = choice.lock and locked_by(choice.lock, state.used.get(choice_key(npc, interaction, choice.id)), state.world_time)
    return not lock and choice.gate.holds(world, state, npc)


def offer_verdicts(world: WorldSpec, state: Any, npc: str, offer: Offered) -> tuple[Verdict, ...]:
    return gate_of(world, offer).unmet(world, state, npc)


def open_turn(state: Any) -> Turn | None:
    """The turn whose choices are open to the player; None while a line is being written or the conversation is closed."""
    turn: Turn | None = state.turn
    return turn if turn is not None and not turn.waiting and not turn.closed else None


# -- moves ------------------------------------------------------------------------------------------------------------


def _known(world: WorldSpec, npc: str, key: str) -> Interaction:
    if npc not in world.npc_keys:
        raise NotAvailable(f"There is nobody called “{npc}” in this world.")
    interaction = world.interactions(npc).get(key)
    if interaction is None:
        raise NotAvailable(f"{world.npc(npc).name} has no interaction “{key}”.")
    return interaction


def interact(world: WorldSpec, draft: StateDraft, action: act.Interact) -> None:
    """Applies the interaction's effects, then enters its scene or opens a dialogue turn."""
    interaction = _known(world, action.npc, action.interaction)
    if not interaction_open(world, draft, action.npc, interaction):
        reasons = interaction_verdicts(world, draft, action.npc, interaction)
        raise NotAvailable(f"“{interaction.label}” is not open.", reasons=reasons)
    draft.apply(world, interaction.effects, action.npc)
    if interaction.lock:
        draft.use(f"{action.npc}/{interaction.id}")
    draft.touched.append(touch("interaction", f"{action.npc}/{interaction.id}", interaction.label))
    if interaction.to_scene:
        if draft.at is not None:
            push(draft, draft.at)
        go(world, draft, entry(world, interaction.to_scene))
        return
    lines = draft.talk[action.npc].lines if action.npc in draft.talk else ()
    draft.set_talk(action.npc, Talk(interaction.id, 0, draft.world_time, lines))
    said = action.text
    if action.choice:
        said = _take_choice(world, draft, action.npc, interaction, action.choice)
    _ask(draft, Turn(action.turn, action.npc, interaction.id, action.choice, said, True, False, ()))


def say(world: WorldSpec, draft: StateDraft, action: act.Say) -> None:
    """Takes one of the open choices, or says something freely where the world allows it."""
    turn = open_turn(draft)
    if turn is None:
        raise NotAvailable("Nobody is waiting for your words.")
    interaction = _known(world, turn.npc, turn.interaction)
    offered = next((offer for offer in turn.offered if offer.id == action.choice), None)
    if offered is not None:
        if not gate_of(world, offered).holds(world, draft, turn.npc):
            raise NotAvailable(f"“{offered.label}” is not open.", reasons=offer_verdicts(world, draft, turn.npc, offered))
        said = offered.label
        influence(world, draft, turn.npc, offered.effects)
    elif action.choice:
        said = _take_choice(world, draft, turn.npc, interaction, action.choice)
    elif action.text and world.free_text:
        said = action.text
    else:
        raise NotAvailable("Take one of the choices: this world does not take free words.")
    _ask(draft, Turn(action.turn, turn.npc, turn.interaction, action.choice, said, True, False, ()))


def _ask(draft: StateDraft, turn: Turn) -> None:
    draft.set_turn(turn)
    draft.requests.append(Request("line", turn.id, turn.npc))


def _take_choice(world: WorldSpec, draft: StateDraft, npc: str, interaction: Interaction, key: str) -> str:
    choice = interaction.choices.get(key)
    if choice is None:
        raise NotAvailable(f"“{interaction.label}” has no choice “{key}”.")
    if not choice_open(world, draft, npc, interaction.id, choice):
        reasons = choice_verdicts(world, draft, npc, interaction.id, choice)
        raise NotAvailable(f"“{choice.label}” is not open.", reasons=reasons)
    draft.apply(world, choice.effects, npc)
    if choice.memory:
        draft.remember(world, npc, choice.memory)
    if choice.lock:
        draft.use(choice_key(npc, interaction.id, choice.id))
    return choice.label


def answered(world: WorldSpec, draft: StateDraft, action: act.Answered) -> None:
    """Closes the waiting turn with its line. Raises StaleTurn where another move came first."""
    turn = draft.turn
    if turn is None or not turn.waiting or turn.id != action.turn:
        raise StaleTurn
    talk = draft.talk.get(turn.npc) or Talk(turn.interaction, 0, draft.world_time, ())
    spoken = (Line("player", turn.said, "", ""),) if turn.said else ()
    line = Line("npc", action.text, action.writer, action.emotion)
    turns = talk.turns + 1
    draft.set_talk(turn.npc, Talk(turn.interaction, turns, draft.world_time, (*talk.lines, *spoken, line)[-KEPT_LINES:]))
    if action.memory:
        draft.remember(world, turn.npc, kept_in_mind(action.memory))
    if action.proposed:
        influence(world, draft, turn.npc, action.proposed)
    closed = _closes(world, turn, turns)
    offered = () if closed else offers(world, draft, turn.npc, action.offered, _labels(world, turn))
    draft.set_turn(turn._replace(waiting=False, closed=closed, offered=offered))
    draft.touched.append(Touch("line", turn.npc, action.text))


def _closes(world: WorldSpec, turn: Turn, turns: int) -> bool:
    interaction = world.interactions(turn.npc).get(turn.interaction) if turn.npc in world.npc_keys else None
    if interaction is None:
        return True
    choice = interaction.choices.get(turn.choice)
    return turns >= world.preset(interaction.preset).max_turns or (choice is not None and choice.closes)


def _labels(world: WorldSpec, turn: Turn) -> list[str]:
    interaction = world.interactions(turn.npc).get(turn.interaction) if turn.npc in world.npc_keys else None
    return [choice.label for choice in interaction.choices.values()] if interaction else []
