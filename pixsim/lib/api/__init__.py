"""What every REST endpoint is made of: strict input, problem+json, pages, ETags, idempotency, routes, documentation.

The words an app's `api.py` needs, by subject: `endpoints` (the view base), `fields` and `serializers` (strict input with JSON
pointers), `routes` (`api_path`), `problems`, `paging`, `preconditions` (ETag, If-Match, merge_patch), `idempotency`, `describing`.
Import them from their modules; only what settings name by path is offered here, so that loading a setting loads no view.
"""

from __future__ import annotations

from pixsim.lib.api.negotiation import AlwaysJSON
from pixsim.lib.api.paging import Pages
from pixsim.lib.api.parsers import MergePatchParser, StrictJSONParser
from pixsim.lib.api.problems import problem_handler

__all__ = ["AlwaysJSON", "MergePatchParser", "Pages", "StrictJSONParser", "problem_handler"]
