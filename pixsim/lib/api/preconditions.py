"""ETags of authored objects, If-Match, and the merge of RFC 7396."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request

from pixsim.lib.errors import Invalid

_TAG = re.compile(r'(W/)?"([^"]*)"')


def etag(version: int) -> str:
    """A strong tag: equal versions are equal bytes of the authored part."""
    return f'"v{version}"'


def if_match(request: Request) -> frozenset[int] | None:
    """The versions a write may be based on; None where the client does not mind (no header, or `*`). A weak or foreign tag matches
    nothing, so the write will be refused with 412."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    tags = _TAG.findall(header)
    if not tags:
        raise Invalid([("", "if_match", 'If-Match is * or tags such as "v3".')])
    return frozenset(int(tag[1:]) for weak, tag in tags if not weak and re.fullmatch(r"v[0-9]{1,18}", tag))


def merge_patch(old: Any, patch: Any) -> Any:
    """RFC 7396: objects merge, null removes, anything else (lists too) replaces. Neither argument is changed."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(old) if isinstance(old, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result
