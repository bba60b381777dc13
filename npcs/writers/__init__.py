"""Writers by name. `scripted` runs on this machine and is the default and the fallback; a third-party app may register its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from npcs.writers.base import OnPart, Usage, Writer, Written
from npcs.writers.reasons import FALLBACKS
from npcs.writers.request import AuthoredLine, Limits, OpenChoice, Purpose, Spoken, WriterRequest
from npcs.writers.scripted import Scripted

__all__ = [
    "DEFAULT",
    "FALLBACKS",
    "AuthoredLine",
    "Limits",
    "OnPart",
    "OpenChoice",
    "Purpose",
    "Spoken",
    "Usage",
    "Writer",
    "WriterRequest",
    "Written",
    "get",
    "keys",
    "register",
    "takes_time",
    "write",
]

DEFAULT: Final = "scripted"

Router = Callable[..., Written]

_writers: dict[str, Writer] = {}


def register(writer: Writer) -> None:
    """Make a writer known under its key; a second one of the same key replaces the first."""
    _writers[writer.key] = writer


def get(key: str = DEFAULT) -> Writer:
    """The writer of this key. Raises LookupError naming those there are."""
    try:
        return _writers[key]
    except KeyError:
        raise LookupError(f"No writer is called “{key}”; there are: {', '.join(keys())}.") from None


def keys() -> tuple[str, ...]:
    """The keys of all writers, sorted."""
    return tuple(sorted(_writers))


def write(request: WriterRequest, *, on_part: OnPart | None = None) -> Written:
    """The line for a request, by whoever it is for: see `npcs.writers.routing.write`, which answers once the site is set up. Never raises."""
    return _route(request, on_part=on_part)


def takes_time(request: WriterRequest) -> bool:
    """Whether the line for this request would come from a model somewhere, so that nobody should be kept waiting who need not."""
    return _takes_time(request)


def route_by(*, write: Router, takes_time: Callable[[WriterRequest], bool]) -> None:
    """Let these decide who writes."""
    global _route, _takes_time
    _route, _takes_time = write, takes_time


register(Scripted())
_route: Router = get(DEFAULT).write
_takes_time: Callable[[WriterRequest], bool] = lambda request: False  # noqa: E731
