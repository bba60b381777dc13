"""Starts the server in a thread of this process, and speaks to it, wherever it runs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from tests.serving import Served

from .app import App


class FakeProviders(Served):
    """A hold on a running server: `url` for the accounts, and what `/_control/` offers."""

    @classmethod
    def start(cls, ledger: Path | None = None) -> FakeProviders:
        """On a free port, in a thread; `stop` ends it."""
        return cls.serve(App(ledger or Path(tempfile.mkdtemp(prefix="fake-providers-")) / "ledger.jsonl"))

    def config(self, **settings: Any) -> None:
        self.control("config", settings)

    def advance(self, seconds: float) -> None:
        self.control("advance", {"seconds": seconds})

    def fault(self, faults: str, *, provider: str | None = None, times: int = 1) -> None:
        """For the next creates, whatever their prompt."""
        self.control("faults", {"faults": faults, "provider": provider, "times": times})

    def ledger(self, kind: str = "") -> list[dict[str, Any]]:
        return [line for line in self.control("ledger") if not kind or line["kind"] == kind]

    def jobs(self) -> list[dict[str, Any]]:
        return self.control("jobs")

    def requests(self, method: str = "") -> list[dict[str, Any]]:
        return [line for line in self.control("requests") if not method or line["method"] == method]

    def webhooks(self) -> list[dict[str, Any]]:
        return self.control("webhooks")
