"""The engine: pure functions over immutable values. No Django, no clock, no randomness."""

from __future__ import annotations

from worlds.rules.graph import NodeRef

from . import actions
from .actions import (
    Action,
    Answered,
    Choose,
    Continue,
    Hotspot,
    Interact,
    Patched,
    RatingSet,
    Reconciled,
    Restored,
    Say,
    Started,
    Travel,
    Wait,
    action_from_json,
)
from .describe import Change, describe
from .draft import Request, Step, Touch
from .flow import Undrawn
from .influence import Allowed, Clamped, judge
from .log import Mismatch, Row, diff, fold, fold_rows, verify
from .offers import Offer, offers
from .options import Option, options
from .reconcile import Renamed, reconcile
from .state import ENGINE, STATE_VERSION, Line, PlayState, Turn
from .step import begin, blank, is_free, step, travel_verdicts
from .talking import StaleTurn, open_turn
from .view import NO_MEDIA, Ids, Media, assets_of, interaction_list, npc_view, portrait, view

__all__ = [
    "ENGINE",
    "NO_MEDIA",
    "STATE_VERSION",
    "Action",
    "Allowed",
    "Answered",
    "Change",
    "Choose",
    "Clamped",
    "Continue",
    "Hotspot",
    "Ids",
    "Interact",
    "Line",
    "Media",
    "Mismatch",
    "NodeRef",
    "Offer",
    "Option",
    "Patched",
    "PlayState",
    "RatingSet",
    "Reconciled",
    "Renamed",
    "Request",
    "Restored",
    "Row",
    "Say",
    "StaleTurn",
    "Started",
    "Step",
    "Touch",
    "Travel",
    "Turn",
    "Undrawn",
    "Wait",
    "action_from_json",
    "actions",
    "assets_of",
    "begin",
    "blank",
    "describe",
    "diff",
    "fold",
    "fold_rows",
    "interaction_list",
    "is_free",
    "judge",
    "npc_view",
    "offers",
    "open_turn",
    "options",
    "portrait",
    "reconcile",
    "step",
    "travel_verdicts",
    "verify",
    "view",
]
