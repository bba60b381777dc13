"""States and logs that older engines wrote are still read: one file for every version there has been, made once and never changed.

A new version of the state: raise `STATE_VERSION`, teach `upcast` the step, and keep a new file by `python -m tests.sessions.test_golden`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sessions.engine import Action, PlayState, begin, diff, fold, step
from sessions.engine.actions import Answered, Choose, Continue, Interact, Started, Travel
from sessions.engine.log import Row, verify
from sessions.engine.state import STATE_VERSION
from sessions.spec import WorldSpec
from tests import documents

FOLDER = Path(__file__).parent / "golden"
FILES = sorted(FOLDER.glob("state_v*.json"))


def test_every_version_has_its_file() -> None:
    wanted = [f"state_v{version}.json" for version in range(1, STATE_VERSION + 1)]
    assert [file.name for file in FILES] == wanted, "The state has a new version: keep a file of it with `python -m tests.sessions.test_golden`."


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_todays_engine_reads_it(file: Path) -> None:
    kept = json.loads(file.read_text())
    current: Any = {}
    for row in kept["log"]:
        current = fold(current, [row["patch"]])
    assert current == kept["state"]

    state = PlayState.from_json(kept["state"])
    assert state.v == STATE_VERSION
    assert PlayState.from_json(state.to_json()) == state
    assert state.rel["captain_mara"]["affinity"] == 35
    assert state.memories["captain_mara"][0].topic == "work_opportunity"
    assert set(kept["state"]) - {"v"} <= set(state.to_json()), "what it says is still said"


def test_todays_log_plays_again_to_the_same_hashes() -> None:
    kept = json.loads((FOLDER / f"state_v{STATE_VERSION}.json").read_text())
    world = WorldSpec(kept["document"])
    rows = [Row(index, row["action"], world.sha, row["patch"], row["state_sha256"]) for index, row in enumerate(kept["log"])]
    assert verify(rows, lambda _: world) == []


def made() -> dict[str, Any]:
    """An afternoon that touches every part of the state, as JSON."""
    document = documents.harbor()
    world = WorldSpec(document)
    actions: list[Action] = [
        Choose(edge="edge2b"), Continue(), Interact(npc="captain_mara", interaction="talk", turn=3),
        Answered(turn=3, text="Aye?", writer="scripted", emotion="neutral"), Interact(npc="captain_mara", interaction="talk", choice="coin", turn=5),
        Answered(turn=5, text="Smart.", writer="scripted", emotion="happy"), Choose(edge="leave"), Travel(location="market"),
    ]  # fmt: skip
    state = begin(world, Started()).state
    log = [{"action": Started().to_json(), "patch": diff({}, state.to_json()), "state_sha256": state.sha256()}]
    for action in actions:
        after = step(world, state, action).state
        log.append({"action": action.to_json(), "patch": diff(state.to_json(), after.to_json()), "state_sha256": after.sha256()})
        state = after
    return {"document": document, "log": log, "state": state.to_json()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"state_v{STATE_VERSION}.json").write_text(json.dumps(made(), indent=1, sort_keys=True) + "\n")
