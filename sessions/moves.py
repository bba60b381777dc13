"""What a client says to somebody, as the move it means. Played moves and every try-out read it here."""

from __future__ import annotations

from pixsim.lib.errors import Invalid

from .engine import Action, Interact, PlayState, Say, open_turn
from .spec import WorldSpec


def said(world: WorldSpec, state: PlayState, npc: str, interaction_id: str, *, choice: str = "", text: str = "", pointer: str = "") -> Action:
    """A choice by key or by its words, free words where the world takes them, else the interaction itself. Raises Invalid, naming the choices."""
    text = text.strip()
    interaction = world.interactions(npc).get(interaction_id)
    turn = open_turn(state)
    going_on = turn is not None and turn.npc == npc and turn.interaction == interaction_id
    offered = turn.offered if turn is not None and going_on else ()
    if text and not choice and interaction is not None:
        wanted = _same(text)
        labels = {c.id: c.label for c in interaction.choices.values()} | {o.id: o.label for o in offered}
        choice = next((key for key, label in labels.items() if _same(label) == wanted), "")
        if not choice and not world.free_text:
            names = "; ".join(f"“{label}”" for label in labels.values()) or "none"
            raise Invalid([(f"{pointer}/user_choice_text", "unknown_choice", f"This is none of the choices. There are: {names}.")])
    if going_on and (choice or text):
        return Say(choice=choice, text="" if choice else text)
    return Interact(npc=npc, interaction=interaction_id, choice=choice, text="" if choice else text)


def _same(text: str) -> str:
    return " ".join(text.casefold().split())
