"""`make run` for a newcomer: one process that loads The Harbor District, says where it is, answers, and stops when told to."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds, for a first start on a busy machine


class Served:
    """A real `manage.py serve`, its output read as it comes."""

    def __init__(self, folder: Path, **env: str) -> None:
        clean = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "DJANGO_ALLOW_ASYNC_UNSAFE"}}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**clean, "PIXSIM_DEMO": "1", "PORT": "0", "DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1", **env},
        )  # fmt: skip
        self.lines: list[str] = []
        self.ready = threading.Event()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if "Ctrl-C stops it" in line:
                self.ready.set()
        self.ready.set()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def address(self) -> str:
        assert self.ready.wait(PATIENCE), self.text
        found = re.search(r"http://localhost:(\d+)/", self.text)
        assert found, self.text
        return f"http://127.0.0.1:{found[1]}"

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        try:
            return self.process.wait(30)
        finally:
            self.process.kill()
            self.reader.join(5)
            self.process.stdout.close()  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def served(folder: Path) -> Iterator[Served]:
    found = Served(folder)
    yield found
    if found.process.poll() is None:
        found.end(signal.SIGKILL)


def call(url: str, body: dict[str, Any] | None = None, token: str = "") -> Any:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Token {token}"} if token else {})}
    request = urllib.request.Request(url, headers=headers, data=None if body is None else json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_a_first_start_loads_the_demo_world_which_can_be_played_and_sigterm_ends_it_cleanly(served: Served) -> None:
    address = served.address
    assert "author / harbor" in served.text and "player / harbor" in served.text
    with urllib.request.urlopen(address + "/", timeout=30) as page:
        assert page.status == 200 and "text/html" in page.headers["Content-Type"]

    token = call(f"{address}/api/v1/auth/token", {"username": "player", "password": "harbor"})["token"]
    world = call(f"{address}/api/v1/worlds/", token=token)["results"][0]
    assert world["name"] == "The Harbor District"
    session = call(f"{address}/api/v1/game-sessions/", {"world_id": world["id"]}, token)
    moved = call(f"{address}/api/v1/game-sessions/{session['id']}/continue", {}, token)
    assert moved["version"] > session["version"]

    assert served.end(signal.SIGTERM) == 0, served.text
    assert "Stopped." in served.text
    assert "Traceback" not in served.text


def test_a_second_start_keeps_what_is_there_and_ctrl_c_ends_it_cleanly(served: Served) -> None:
    assert call(f"{served.address}/api/v1/auth/token", {"username": "author", "password": "harbor"})["token"]
    assert served.end(signal.SIGINT) == 0, served.text
    assert "Traceback" not in served.text


def test_a_taken_port_is_said_with_what_to_do(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = Served(folder, PORT=str(port))
        assert refused.ready.wait(PATIENCE)
        assert refused.process.wait(30) == 1
        refused.reader.join(5)
        refused.process.stdout.close()  # type: ignore[union-attr]
    assert f"PORT={port + 1} make run" in refused.text
    assert "Traceback" not in refused.text
    assert "database" not in refused.text, "said before any work is done"
