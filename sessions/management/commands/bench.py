"""One run of every figure that matters, each beside a bare view of the same server and database."""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from sessions.bench import load, steps
from sessions.bench.load import Call

ROUNDS = 5
PER_ROUND = 60
CROWDS = {10: 60, 1_000: 20, 10_000: 4}  # people: requests per round


class Case(NamedTuple):
    """`calls(n)` gives the next n requests; `beside` is the bare view it is held against, and `aim` the ratio wanted."""

    name: str
    calls: Callable[[int], list[Call]]
    beside: str = ""
    aim: float | None = None
    per_round: int = PER_ROUND


class Command(BaseCommand):
    help = "CPU per request and requests per second beside bare views; pure steps per second. Uses a database of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--here", action="store_true", help="use the present database; it is written to")
        parser.add_argument("--rounds", type=int, default=ROUNDS)
        parser.add_argument("--seconds", type=float, default=3, help="CPU seconds for each kind of pure step")

    def handle(self, *args: Any, here: bool, rounds: int, seconds: float, **options: Any) -> None:
        if not here:
            self._elsewhere(rounds, seconds)
            return
        from sessions.bench.stage import Stage, harbor_spec

        self._say("Pure steps …")
        world = harbor_spec()
        pure = [("list, choose, touched at a choice", steps.choices_per_sec(world, seconds)), ("random walk", steps.walk_per_sec(world, seconds))]
        self._say("Setting the stage …")
        stage = Stage(sessions=2 * (rounds + 1) * PER_ROUND + 1)
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        crowds = {people: stage.crowd(people) for people in CROWDS}
        with _server() as port:
            found = self._requests(port, _cases(stage, crowds), rounds)
        self._table(found, pure)

    def _elsewhere(self, rounds: int, seconds: float) -> None:
        if os.environ.get("DATABASE_URL"):
            raise CommandError("DATABASE_URL is set: name a scratch database there and add --here, for the benchmark writes thousands of rows.")
        with tempfile.TemporaryDirectory(prefix="pixsim-bench-") as folder:
            command = [sys.executable, "manage.py", "bench", "--here", f"--rounds={rounds}", f"--seconds={seconds}"]
            ended = subprocess.run(command, cwd=settings.BASE_DIR, env={**os.environ, "DATA_DIR": folder, "PIXSIM_DEMO": "0"}, check=False)  # noqa: S603 – our own interpreter and files
        if ended.returncode:
            sys.exit(ended.returncode)

    def _requests(self, port: int, cases: list[Case], rounds: int) -> list[tuple[Case, float, float]]:
        """Medians over rounds; in every round each case once, so that a busy moment of the machine meets all of them."""
        self._say("Warming up …")
        for case in cases:
            load.measure(port, case.calls(case.per_round))
        taken: dict[str, list[load.Round]] = {case.name: [] for case in cases}
        for number in range(rounds):
            self._say(f"Round {number + 1} of {rounds} …")
            for case in cases:
                taken[case.name].append(load.measure(port, case.calls(case.per_round)))
        return [
            (case, statistics.median(each.cpu_ms for each in taken[case.name]), statistics.median(each.per_sec for each in taken[case.name]))
            for case in cases
        ]

    def _table(self, found: list[tuple[Case, float, float]], pure: list[tuple[str, float]]) -> None:
        cost = {case.name: cpu for case, cpu, _ in found}
        vendor = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
        lines = ["", f"{vendor}, one server process, {load.CONNECTIONS} connections; medians", ""]
        lines += [f"{'request':<36}{'CPU ms':>9}{'per s':>9}   beside its bare view", "-" * 82]
        for case, cpu, per_sec in found:
            ratio = cpu / cost[case.beside] if case.beside else 0
            aim = f", aim {case.aim:g}" if case.aim else ""
            lines.append(f"{case.name:<36}{cpu:>9.2f}{per_sec:>9.0f}   " + (f"{ratio:.2f} × {case.beside}{aim}" if case.beside else ""))
        lines += ["", f"{'pure steps on The Harbor District':<36}{'per second and core':>21}", "-" * 57]
        lines += [f"{name:<36}{per_sec:>21,.0f}" for name, per_sec in pure]
        self.stdout.write("\n".join(lines))

    def _say(self, text: str) -> None:
        self.stderr.write(f"• {text}")


def _cases(stage: Any, crowds: dict[int, int]) -> list[Case]:
    api = "/api/v1"
    fresh, worn = iter(stage.sessions[1::2]), stage.sessions[0]
    bare = iter(stage.sessions[2::2])
    choice = json.dumps({"edge_id": stage.edge, "version": 0}).encode()
    listing = json.dumps({"session_id": worn, "npc_id": stage.npc}).encode()

    def same(call: Call) -> Callable[[int], list[Call]]:
        return lambda count: [call] * count

    def choices(count: int) -> list[Call]:
        chosen = [next(fresh) for _ in range(count)]
        return [Call("POST", f"{api}/game-sessions/{pk}/choose", (*stage.player, ("Idempotency-Key", f"bench-{pk}")), choice) for pk in chosen]

    def writes(count: int) -> list[Call]:
        return [
            Call("POST", f"/bench/write/{pk}", (*stage.player, ("Idempotency-Key", f"bench-{pk}")), b"{}")
            for pk in (next(bare) for _ in range(count))
        ]

    def presence(world: int) -> Callable[[int], list[Call]]:
        return same(Call("GET", f"{api}/game-npcs/presence?world_id={world}&world_time=57600", stage.author))

    read, write = "bare: token, SELECT", "bare: and UPDATE, INSERT"
    return [
        Case(read, same(Call("GET", f"/bench/read/{worn}", stage.player))),
        Case(write, writes, read),
        Case("read a session", same(Call("GET", f"{api}/game-sessions/{worn}", stage.player)), read, 1.5),
        Case("choose", choices, write, 1.5),
        Case("list interactions", same(Call("POST", f"{api}/npc-interactions/list", stage.player, listing)), read, 2),
        *(Case(f"presence of {people:,}", presence(world), read, None, CROWDS[people]) for people, world in crowds.items()),
    ]


@contextmanager
def _server() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "uvicorn", "sessions.bench.server:application", "--port", str(port)]
    quiet = ["--log-level", "error", "--lifespan", "off", "--ws", "none"]
    process = subprocess.Popen([*command, *quiet], cwd=settings.BASE_DIR)  # noqa: S603 – our own interpreter and files
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int, process: subprocess.Popen[bytes], within_sec: float = 60) -> None:
    until = time.monotonic() + within_sec
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise CommandError("The server to be measured did not start.")
