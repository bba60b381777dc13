"""There is one `step`, and it is pure: nobody else decides what a move does."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PURE = ["worlds/rules", "sessions/engine"]
FORBIDDEN = {"django", "rest_framework", "channels", "celery", "random", "time", "datetime", "requests", "asyncio", "threading"}


def modules() -> list[Path]:
    apps = ("pixsim", "worlds", "npcs", "scenes", "sessions", "generation")
    return [path for app in apps for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]


def test_only_the_engine_defines_step() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in modules()
        if path.relative_to(ROOT).parts[0] != "generation"  # it reconciles jobs with providers, not states with worlds
        for item in ast.parse(path.read_text()).body
        if isinstance(item, ast.FunctionDef) and item.name in ("step", "begin", "reconcile")
    ]
    assert sorted(found) == ["sessions/engine/reconcile.py", "sessions/engine/step.py", "sessions/engine/step.py"]


def test_only_services_write_played_things() -> None:
    """Nobody but the services and their projections calls a manager's writers on sessions and events."""
    writers = {"create", "bulk_create", "save", "update", "delete"}
    allowed = {
        "sessions/services.py",
        "sessions/projections.py",
        "sessions/saves.py",
        "sessions/sandbox.py",
        "sessions/bench/bare.py",
    }  # the last is what a bare view is measured by
    for path in (ROOT / "sessions").rglob("*.py"):
        name = str(path.relative_to(ROOT))
        if name in allowed or "migrations" in path.parts or name.endswith("admin.py"):
            continue
        for item in ast.walk(ast.parse(path.read_text())):
            if isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute) and item.func.attr in writers:
                source = ast.unparse(item.func.value)
                assert not any(model in source for model in ("GameSession", "SessionEvent", "SavedGame", "ConversationMemory", "SandboxState")), (
                    f"{name}: {ast.unparse(item)}"
                )


def test_rules_and_engine_import_no_django_no_clock_and_no_randomness() -> None:
    for folder in PURE:
        for path in (ROOT / folder).rglob("*.py"):
            for item in ast.walk(ast.parse(path.read_text())):
                names = [alias.name for alias in item.names] if isinstance(item, ast.Import) else []
                names += [item.module or ""] if isinstance(item, ast.ImportFrom) and not item.level else []
                assert not {name.split(".")[0] for name in names} & FORBIDDEN, f"{path.relative_to(ROOT)} imports {names}"
