"""What the OpenAPI document says by itself: names of operations, statuses that follow from method and path, closed inputs, and the JSON
Schemas of authored JSON as components."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema

from pixsim.lib import schema as schemas
from pixsim.lib.api.problems import MEDIA_TYPE, WORDS

SAFE = {"GET", "HEAD", "OPTIONS"}
COMPONENTS = "#/components/schemas/"


class Described(AutoSchema):
    def get_operation_id(self) -> str:
        """`LocationListView` and GET give `location_list_get`."""
        name = type(self.view).__name__.removesuffix("View")
        return f"{re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '_', name).lower()}_{self.method.lower()}"

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation:
            responses = operation["responses"]
            for status in self._implied(responses):
                responses.setdefault(str(status), {**responses["400"], "description": WORDS[status]})
            operation["responses"] = dict(sorted(responses.items()))
        return operation

    def _implied(self, responses: dict[str, Any]) -> list[int]:
        if MEDIA_TYPE not in responses.get("400", {}).get("content", {}):
            return []
        found = [404] if "{" in self.path else []
        # A browser's session needs its CSRF token for what changes something.
        return [*found, 403] if self.method not in SAFE and "401" in responses else found


def plainly(schema: Any) -> Any:
    """Without `oneOf: [{}, {"type": "null"}]`, which drf-spectacular writes for any JSON or null: null fits both, so it fits neither. What
    is null or some component is `anyOf`, for the component may know null itself."""
    if isinstance(schema, list):
        return [plainly(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    result = {name: plainly(inner) for name, inner in schema.items() if not (name == "oneOf" and inner == [{}, {"type": "null"}])}
    branches = result.get("oneOf")
    if isinstance(branches, list) and {"type": "null"} in branches and any("$ref" in branch for branch in branches):
        result["anyOf"] = result.pop("oneOf")
    return result


def component_of(file: str) -> str:
    """`scenes/node_meta` is the component NodeMeta."""
    return "".join(word.capitalize() for word in file.partition("/")[2].split("_"))


def with_schemas(document: dict[str, Any]) -> dict[str, Any]:
    """The document with every JSON Schema it refers to as a component. Added at the end: drf-spectacular would take their enums apart."""
    components: dict[str, Any] = document["components"]["schemas"]
    files = {component_of(file): file for file in schemas.names() if not file.endswith("/bundle")}
    waiting = _referred(document)
    while waiting:
        name = waiting.pop()
        if name not in components and name in files:
            components[name] = _of_components(schemas.file(files[name]), files[name])
            waiting |= _referred(components[name])
    document["components"]["schemas"] = dict(sorted(components.items()))
    return document


def _referred(part: Any) -> set[str]:
    """The components some part of the document refers to."""
    if isinstance(part, list):
        return {name for inner in part for name in _referred(inner)}
    if not isinstance(part, dict):
        return set()
    target = part.get("$ref")
    own = {target.removeprefix(COMPONENTS).partition("/")[0]} if isinstance(target, str) and target.startswith(COMPONENTS) else set()
    return own.union(*(_referred(inner) for inner in part.values()))


def _of_components(part: Any, here: str) -> Any:
    """A schema file whose references lead to components."""
    if isinstance(part, list):
        return [_of_components(inner, here) for inner in part]
    if not isinstance(part, dict):
        return part
    copy = {name: _of_components(inner, here) for name, inner in part.items() if name not in ("$id", "$schema")}
    if isinstance(target := part.get("$ref"), str):
        file, _, fragment = target.partition("#")
        copy["$ref"] = f"{COMPONENTS}{component_of(file or here)}{fragment}"
    return copy


class AuthoredJson(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "pixsim.lib.api.fields.Json"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        field: Any = self.target
        if not field.schema:
            return {"type": "object", "additionalProperties": {}} if field.kind is dict else {}
        name = component_of(field.schema)
        if getattr(field.parent, "partial", False):  # a PATCH: null removes, so what comes in is less than the schema asks for
            return {"type": "object", "additionalProperties": {}, "description": f"Merged (RFC 7396) into the present {name}."}
        return {"$ref": COMPONENTS + name}


class ClosedInput(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = "pixsim.lib.api.serializers.Strict"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        if type(self.target).__doc__ is None:
            schema.pop("description", None)  # that of the base says nothing about this input
        return {**schema, "additionalProperties": False} if schema.get("type") == "object" else schema
