"""The bootstrap installs once, says what is wrong in words, and needs no network the second time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pixsim import bootstrap


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    (tmp_path / "requirements.txt").write_text("")
    return tmp_path


def forbid(*command: object, **_: object) -> None:
    raise AssertionError(f"this would run {command}")


def test_an_environment_is_made_once_and_found_again_without_running_anything(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = bootstrap.environment(".venv", "requirements.txt")
    assert made.exists()
    monkeypatch.setattr(subprocess, "run", forbid)
    monkeypatch.setattr(subprocess, "Popen", forbid)
    assert bootstrap.environment(".venv", "requirements.txt") == made


def test_changed_requirements_are_installed_anew(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap.environment(".venv", "requirements.txt")
    (elsewhere / "requirements.txt").write_text("# another list\n")
    installed = []
    monkeypatch.setattr(bootstrap, "install", lambda found, name: installed.append(name))
    bootstrap.environment(".venv", "requirements.txt")
    assert installed == ["requirements.txt"]


def test_browser_libraries_that_are_built_are_not_built_again(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    static = elsewhere / "static"
    (static / "vendor").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "vendor.mjs"):
        (static / name).write_text("{}")
    monkeypatch.setattr(bootstrap, "_npm", lambda found: [([sys.executable, "-c", ""], {})])
    bootstrap.front_end(Path(sys.executable))
    monkeypatch.setattr(bootstrap, "_npm", forbid)
    bootstrap.front_end(Path(sys.executable))


def test_browser_libraries_that_cannot_be_built_do_not_stop_the_start(elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    static = elsewhere / "static"
    static.mkdir()
    for name in ("package.json", "package-lock.json", "vendor.mjs"):
        (static / name).write_text("{}")
    monkeypatch.setattr(bootstrap, "_npm", lambda found: [([sys.executable, "-c", "raise SystemExit(1)"], {})])
    bootstrap.front_end(Path(sys.executable))
    assert "pictures instead of in 3-D" in capsys.readouterr().out


def test_an_unknown_command_names_the_known_ones() -> None:
    found = subprocess.run([sys.executable, "pixsim/bootstrap.py", "fly"], cwd=bootstrap.ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert "run, test, check" in found.stderr
