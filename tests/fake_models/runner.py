"""Starts the server in a thread of this process, and speaks to it, wherever it runs."""

from __future__ import annotations

from typing import Any

from tests.serving import Served

from .app import App


class FakeModels(Served):
    """A hold on a running server: `base_url` for an endpoint, and what `/_control/` offers."""

    @classmethod
    def start(cls) -> FakeModels:
        """On a free port, in a thread; `stop` ends it."""
        return cls.serve(App())

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def mode(self, mode: str, *, times: int = 1) -> None:
        """For the next answers, whatever their model."""
        self.control("modes", {"mode": mode, "times": times})

    def answers(self, *answers: Any) -> None:
        """What is said next: text, or JSON."""
        self.control("answers", list(answers))

    def requests(self) -> list[dict[str, Any]]:
        """The bodies of all questions so far, oldest first, each with its `key`."""
        return self.control("requests")

    def prompts(self) -> list[str]:
        """What was said to the model, one text a question."""
        return ["\n".join(message["content"] for message in one["body"]["messages"]) for one in self.requests()]
