"""What goes wrong, read from the prompt."""

from __future__ import annotations

import re

TOKEN = re.compile(r"\[fake:([a-z0-9_]+)((?::[^\]:]*)*)\]")
KNOWN = frozenset(
    [
        "latency",
        "drop_before",
        "drop_after_accept",
        "reset_mid_body",
        "http_500_after_accept",
        "errcode",
        "errcode_after_accept",
        "429",
        "fail",
        "moderate",
        "stuck",
        "status_seq",
        "poll_500",
        "early_url",
        "url_404_for",
        "truncated_video",
        "wrong_dims",
        "no_url",
        "wrong_type",
        "odd_codec",
        "redirect_metadata",
        "endless",
        "slow_loris",
        "webhook_before_answer",
        "webhook_dup",
        "webhook_forged",
        "echo_key",
    ]
)
Faults = dict[str, list[str]]


def read(text: str) -> Faults:
    """The faults a text asks for, by name, with their arguments. Raises ValueError for a name that does not exist: a typo must not pass."""
    found: Faults = {}
    for name, arguments in TOKEN.findall(text):
        if name not in KNOWN:
            raise ValueError(f"there is no fault {name!r}")
        found[name] = [part for part in arguments.split(":")[1:] if part]
    return found


def number(faults: Faults, name: str, default: float, place: int = 0) -> float:
    """An argument as a number; 0 when the fault was not asked for."""
    if name not in faults:
        return 0
    given = faults[name]
    return float(given[place]) if len(given) > place else default
