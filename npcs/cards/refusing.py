"""How a card is refused: with a pointer into the file that was sent."""

from __future__ import annotations

from pixsim.lib.errors import FieldError, Invalid


def refused(code: str, message: str, pointer: str = "") -> Invalid:
    return Invalid([FieldError(f"/file{pointer}", code, message)])
