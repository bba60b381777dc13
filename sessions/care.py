"""Words of a player in despair. The game goes on; the player is shown where help is. Pure: nothing is kept, counted or sent on."""

from __future__ import annotations

import re
from typing import Final

from pixsim.lib.plain_text import one_line

# Said of oneself, now, and without doubt. Rather too few than too many: stories are full of death, and a text that comes up without need is
# soon no longer read.
_MYSELF: Final = r"(?:kill|hang|hurt|harm|cut) myself|end my (?:own )?life|take my (?:own )?life"
_PHRASES: Final = (
    rf"i (?:really |just )?(?:want to|wanna|am going to|plan to|intend to|wish to) (?:die|be dead|end it all|{_MYSELF})",
    rf"i(?:'m| am) (?:going to|gonna|about to) (?:{_MYSELF})",
    rf"i(?:'ll| will| could| should| might) (?:just )?(?:{_MYSELF})",
    r"i(?:'m| am| feel) suicidal",
    r"i (?:do not|don't) want to (?:live|be alive|exist)(?: any ?more| any longer)?",
    r"(?:thinking|thought) (?:about|of) (?:suicide|killing myself|ending my (?:own )?life|ending it all)",
    r"better off without me",
    r"(?:no|nothing|any) reason (?:for me )?to (?:go on )?liv(?:e|ing)",
    r"ich (?:will|möchte|werde) (?:nicht mehr leben|sterben|mich umbringen|mir das leben nehmen)",
)
_DESPAIR: Final = re.compile(rf"\b(?:{'|'.join(_PHRASES)})\b", re.IGNORECASE)
_MANNER_OF_SPEAKING: Final = re.compile(r"\b(?:die|be dead|live) (?:of|laughing|to|for|in|at|here|there|with)\b", re.IGNORECASE)


def in_despair(text: str) -> bool:
    """Whether a player's own words say that he wants to harm himself."""
    words = one_line(text).replace("’", "'")
    return bool(_DESPAIR.search(words)) and not _MANNER_OF_SPEAKING.search(words)
