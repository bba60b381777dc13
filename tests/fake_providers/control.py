"""`/_control/`: what a test, a torture run or a curious person may ask and change.

GET  state                       clock, settings, how many of what
GET  ledger                      every line so far
GET  jobs                        every job with its phase
GET  requests                    method, path and trace id of every request to a provider's path, oldest first
GET  webhooks                    every delivery, how often tried and what was answered
POST config   {name: value}      see `Config` in state.py
POST faults   {"faults": "[fake:latency:2]", "provider": "fal", "times": 3}   for the next creates, whatever their prompt
POST advance  {"seconds": 600}   move the clock
POST reset    {name: value}      forget everything, with these settings
"""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from tests.serving.web import Answer, Request

from . import faults
from .state import Config, State

SETTINGS = {field.name for field in fields(Config)}


def answer(state: State, request: Request) -> Answer:
    what, given = request.path.removeprefix("/_control/"), request.json() or {}
    state.settle()
    if request.method == "GET":
        return read(state, what)
    if what in ("config", "reset") and set(given) - SETTINGS:
        return Answer(400, {"detail": f"there is no setting {sorted(set(given) - SETTINGS)}"})
    if what == "reset":
        state.reset(**given)
    elif what == "config":
        for name, value in given.items():
            setattr(state.config, name, value)
    elif what == "advance":
        state.offset += float(given["seconds"])
        state.settle()
    elif what == "faults":
        faults.read(given["faults"])
        state.extra.append({"provider": given.get("provider"), "faults": given["faults"], "times": int(given.get("times", 1))})
    else:
        return Answer(404, {"detail": "there is no such control"})
    return read(state, "state")


def read(state: State, what: str) -> Answer:
    found: dict[str, Any] = {
        "ledger": state.lines,
        "jobs": [state.as_json(job) for job in state.jobs.values()],
        "requests": state.requests,
        "webhooks": [{**order, "body": order["body"].decode()} for order in state.webhooks],
        "state": {
            "now": state.now(),
            "config": asdict(state.config),
            "jobs": len(state.jobs),
            "ledger": len(state.lines),
            "spent_milli": state.spent(),
        },
    }
    return Answer(200, found[what]) if what in found else Answer(404, {"detail": "there is no such control"})
