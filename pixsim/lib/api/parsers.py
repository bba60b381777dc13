"""Bodies are read once, up to a limit, and strictly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser, MultiPartParser

from pixsim.lib.errors import TooLarge
from pixsim.lib.strict_json import loads

MAX_JSON_BYTES = 2 * 1024 * 1024


class StrictJSONParser(BaseParser):
    """JSON of at most 2 MB by the rules of `pixsim.lib.strict_json`; raises TooLarge and Invalid."""

    media_type = "application/json"
    max_bytes = MAX_JSON_BYTES

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        # One byte more than allowed tells a too long body from a just fitting one, whatever Content-Length claims.
        data = stream.read(self.max_bytes + 1)
        if len(data) > self.max_bytes:
            raise TooLarge(f"A JSON body may have {self.max_bytes // 1024 // 1024} MB.", limit=self.max_bytes)
        return loads(data)


class MergePatchParser(StrictJSONParser):
    """RFC 7396's own name for the same text."""

    media_type = "application/merge-patch+json"


class LimitedMultiPart(MultiPartParser):
    """Refuses by the announced length before the first byte is read; what is not announced is not read at all by the server."""

    thing = "A file"
    max_bytes = 20 * 1024 * 1024

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        announced = (parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0"
        if not announced.isdigit() or int(announced) > self.max_bytes + (1 << 20):
            raise self.too_large()
        return super().parse(stream, media_type, parser_context)

    @classmethod
    def read(cls, file: Any) -> bytes:
        """The bytes of an uploaded file. Raises TooLarge before they are read."""
        if file.size > cls.max_bytes:
            raise cls.too_large()
        content: bytes = file.read()
        return content

    @classmethod
    def too_large(cls) -> TooLarge:
        return TooLarge(f"{cls.thing} may have {cls.max_bytes >> 20} MB.", limit=cls.max_bytes)
