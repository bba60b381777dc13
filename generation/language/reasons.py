"""Why a model's server gave no answer that can be used, in words for staff and authors. Pure."""

from __future__ import annotations

from typing import Final

REASONS: Final = {
    "timeout": "The model took too long.",
    "unreachable": "The model's server cannot be reached.",
    "dropped": "The connection to the model broke.",
    "busy": "The model's server is busy.",
    "server": "The model's server failed.",
    "auth": "The model's server refuses the key.",
    "not_found": "The model's server does not know the model.",
    "rejected": "The model's server refused the question.",
    "address": "The model's server is at an address that may not be asked.",
    "refused": "The model declined to answer.",
    "filtered": "The answer was cut by a filter.",
    "length": "The answer was cut by its limit.",
    "nonsense": "The answer made no sense.",
    "empty": "The answer was empty.",
    "too_large": "The answer did not end.",
}
