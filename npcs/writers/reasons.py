"""Why the scripted writer speaks in a model's place, in words for authors. Players meet a line, whatever it was. Pure."""

from __future__ import annotations

from typing import Final

from generation.language.reasons import REASONS

FALLBACKS: Final = {
    **REASONS,
    "resting": "The model's server has failed repeatedly and is left alone for a while.",
    "key": "The key of the model's server cannot be decrypted.",
    "cap_turn": "The question is larger than one turn may be.",
    "cap_player": "The player's tokens or money for today are used up.",
    "cap_world": "The world's tokens or money for today are used up.",
    "cap_site": "The site's tokens or money for today are used up.",
    "broken": "Something went wrong on our side.",
}
