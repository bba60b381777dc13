"""`python -m tests.torture [--jobs 150] [--kills 200] [--seed 1] [--replay A]`"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import logging
import multiprocessing
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

SPEED = 60  # seconds of their time in one of ours
WORKERS = 3
PROVIDERS = ("pixverse", "fal", "comfyui")
KILL_EVERY = 0.25  # seconds, on average
PATIENCE = 300  # seconds of ours until what is left must have ended


class Torture:
    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options, self.folder, self.errors = options, folder, folder / "errors.txt"
        self.random = random.Random(options.seed)
        self.offset = multiprocessing.Value("d", 0.0, lock=False)
        self.children: dict[int, Any] = {}
        self.kills = {"worker": 0, "web": 0, "connection": 0}
        self.web = socket.socket()
        self.web.bind(("127.0.0.1", 0))
        self.web.listen(256)
        self.port = free_port()
        self.fake = subprocess.Popen(
            [sys.executable, "-m", "tests.fake_providers", "--port", str(self.port), "--ledger", str(folder / "ledger.jsonl")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.providers = list(options.providers)

    # -- provider ---------------------------------------------------------------------------------------------------------
    def control(self, path: str, given: dict[str, Any] | None = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET" if given is None else "POST", f"/_control/{path}", None if given is None else json.dumps(given))
        found = json.loads(connection.getresponse().read())
        connection.close()
        return found

    def ledger(self) -> list[dict[str, Any]]:
        """Its lines, each with the number of the order it belongs to: fal knows no trace ids."""
        jobs = {(job["provider"], job["id"]): int(re.findall(r"number (\d+)", job["prompt"])[0]) for job in self.control("jobs")}
        return [{**line, "number": jobs[line["provider"], line["job_id"]]} for line in self.control("ledger")]

    def advance(self, seconds: float) -> None:
        self.control("advance", {"seconds": seconds})
        self.offset.value += seconds

    # -- processes ----------------------------------------------------------------------------------------------------------
    def start(self) -> None:
        from tests.torture import processes

        clock = processes.VirtualTime(self.offset)
        self.works = {f"worker {number}": partial(processes.worker, clock, number) for number in range(WORKERS)}
        self.works["web"] = partial(processes.web, clock, self.web)
        for name in self.works:
            self.spawn(name)

    def spawn(self, name: str) -> None:
        from tests.torture.processes import fork

        self.children[fork(self.works[name], self.errors)] = name

    def kill(self) -> None:
        """One process, or on PostgreSQL also one connection."""
        self.reap()
        if os.environ.get("DATABASE_URL") and self.random.random() < 0.25:
            self.kills["connection"] += kill_connection()
            return
        child = self.random.choice(list(self.children))
        name = self.children.pop(child)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        self.kills[name.split()[0]] += 1
        self.spawn(name)

    def reap(self) -> None:
        """Start again whatever ended by itself, as a supervisor does."""
        for child in list(self.children):
            if os.waitpid(child, os.WNOHANG)[0]:
                self.spawn(self.children.pop(child))

    def ask(self, function: str, *given: Any) -> dict[str, Any]:
        """Run a function of the stage in a child, and read what it found."""
        from tests.torture import processes, stage

        facts, clock = self.folder / f"{function}.json", processes.VirtualTime(self.offset)

        def work() -> None:
            processes.in_time(clock)
            getattr(stage, function)(*given, facts)

        for _ in range(5):  # its connection may be the one that is killed
            facts.unlink(missing_ok=True)
            child = processes.fork(work, self.errors)
            if os.waitpid(child, 0)[1] == 0:
                return json.loads(facts.read_text())
        raise SystemExit(f"{function} failed:\n{self.errors.read_text()[-3000:]}")

    # -- the one who orders ----------------------------------------------------------------------------------------------
    def send(self, order: dict[str, Any], token: str) -> bool:
        """True when it was answered; a process that died is asked again with the same key."""
        headers = {"Authorization": f"Token {token}", "Content-Type": "application/json", "Idempotency-Key": f"order-{order['workspace_id']}"}
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.web.getsockname()[1], timeout=3)
            connection.request("POST", "/api/v1/generation/", json.dumps(order), headers)
            answer = connection.getresponse()
            body = answer.read()
            connection.close()
        except (OSError, http.client.HTTPException):
            return False
        if answer.status in (200, 201):
            return True
        if answer.status in (400, 402, 403, 404, 422):
            raise SystemExit(f"The order was refused: {answer.status} {body[:500]!r}")
        return False  # 409: the first one still runs, or died with its process; 5xx: its connection was killed

    # -- all of it ------------------------------------------------------------------------------------------------------------
    def run(self) -> int:
        from tests.torture import stage

        began = time.monotonic()
        self.control("reset", {"tiny_files": True, "queue_sec": 10, "work_sec": 60, "replay": self.options.replay, "slots": 8,
                               "pixverse_webhook": f"http://127.0.0.1:{self.web.getsockname()[1]}/api/v1/webhooks/pixverse"})  # fmt: skip
        found = self.ask("set_up", f"http://127.0.0.1:{self.port}", self.providers)
        self.token = found["token"]
        self.control("config", {"fal_milli": found["prices"].get("fal", 0)})  # fal's answers name no price; ours is its list's
        orders = stage.orders(self.options.jobs, found["world_id"], self.providers, self.options.slow)
        self.start()
        next_kill, last = time.monotonic(), time.monotonic()
        while orders or sum(self.kills.values()) < self.options.kills:
            now = time.monotonic()
            self.advance((now - last) * (SPEED - 1))
            last = now
            if orders and self.send(orders[0], self.token):
                orders.pop(0)
            while sum(self.kills.values()) < self.options.kills and next_kill <= time.monotonic():
                self.kill()
                next_kill += self.random.expovariate(1 / KILL_EVERY)
            time.sleep(0.02)
        say(f"{self.options.jobs} orders, {self.kills} killed in {time.monotonic() - began:.0f} s; waiting for the end.")
        self.end()
        result = self.ask("compare", self.ledger(), self.options.jobs)
        say(f"{result['states']}, {result['submissions']} submissions, {result['spent'] / 1000:g} credits, {time.monotonic() - began:.0f} s.")
        for line in result["wrong"]:
            say(f"  ✗ {line}")
        say(
            "The ledger and the database say the same."
            if not result["wrong"]
            else f"{len(result['wrong'])} things are wrong (seed {self.options.seed})."
        )
        return bool(result["wrong"])

    def end(self) -> None:
        """Nobody is killed any more; after a day at the providers a person settles the rest."""
        until = time.monotonic() + PATIENCE
        steps = itertools.chain([300] * 20, itertools.repeat(3600))
        while time.monotonic() < until:
            self.reap()
            left = self.ask("open_jobs")
            self.advance(20 if left["held"] else next(steps))  # a jump of an hour would take the lease of whoever is at work
            time.sleep(0.3)
            if not left["open"]:
                say(f"A person settled {self.ask('settle', self.ledger())['settled']}.")
                return

    def stop(self) -> None:
        for child in self.children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        self.fake.terminate()
        self.fake.wait(5)
        if self.errors.exists():
            say(f"What the processes said last:\n{self.errors.read_text()[-2000:]}")


@contextmanager
def own_database() -> Iterator[None]:
    """A new one beside that of DATABASE_URL, dropped at the end; nothing to do for SQLite, which is a file in the folder."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        yield
        return
    import psycopg

    name = f"torture_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    os.environ["DATABASE_URL"] = url.rpartition("/")[0] + f"/{name}"
    try:
        yield
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def kill_connection() -> int:
    """Any one of ours but this."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        found = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
        )
        return len(found.fetchall())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="torture")
    parser.add_argument("--jobs", type=int, default=150)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replay", choices="ABC", default="A")
    parser.add_argument("--providers", nargs="+", default=PROVIDERS)
    parser.add_argument("--slow", action="store_true", help="also downloads that never end")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="pixsim-torture-"))
    os.environ["DATA_DIR"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pixsim.settings")
    torture = Torture(options, folder)
    os.environ["PROVIDER_LOCAL_HOSTS"] = f"127.0.0.1:{torture.port}"
    with own_database():
        try:
            return begin(torture, folder)
        finally:
            torture.stop()
            shutil.rmtree(folder, ignore_errors=True)


def begin(torture: Torture, folder: Path) -> int:
    """Everything is imported before the first fork."""
    import django

    django.setup()
    import pixsim.urls  # noqa: F401

    logging.disable(logging.CRITICAL)
    (folder / "static").mkdir()
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            torture.control("state")
            break
        except OSError:
            time.sleep(0.1)
    return torture.run()


if __name__ == "__main__":
    sys.exit(main())
