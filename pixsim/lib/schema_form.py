"""From a JSON Schema to the dialect of django-jsonform, so that forms ask by the same rules that validation knows.

What differs there: help stands in `helpText`, labels of an enum in `choices`, several types are an `anyOf`, references other than recursive ones are
written out, objects with free keys need `properties`, and an untouched checkbox would say false – optional ones become a choice with nothing chosen.
Own keys (`extensions`) are left out: the form keeps what it does not show. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pixsim.lib.schema import build

Json = dict[str, Any]
SLIDER_SPAN = 200  # wider ranges are typed, not slid
LONG_TEXT = 1000
KEPT = ("minimum", "maximum", "minLength", "maxLength", "maxItems", "uniqueItems", "required", "const")  # minItems would make a first item by itself
TITLES = {"string": "Text", "integer": "Number", "number": "Number", "boolean": "Yes or no", "array": "List", "object": "Details"}


def form_schema(
    name: str,
    *,
    axes: Iterable[str] | Mapping[str, Any] | None = None,
    places: Iterable[str] | None = None,
    moods: Iterable[str] | None = None,
) -> Json:
    """The form for a schema, with what a world brings as choices (see `pixsim.lib.schema.build`)."""
    return _Form(build(name, axes=axes, places=places, moods=moods)).whole()


class _Form:
    def __init__(self, root: Json) -> None:
        self.root = root
        self.recursive: set[str] = set()
        self.open: list[str] = []

    def whole(self) -> Json:
        form = self.referred("#", {}, True)
        definitions: Json = {}
        while waiting := sorted(self.recursive - set(definitions)):
            for pointer in waiting:
                definitions[pointer] = None
                definitions[pointer] = self.referred(pointer, {}, True)
        if definitions:
            form["$defs"] = {_name(pointer): found for pointer, found in definitions.items()}
        return form

    def referred(self, pointer: str, beside: Json, required: bool) -> Json:
        if pointer in self.open:
            self.recursive.add(pointer)
            return {"$ref": f"#/$defs/{_name(pointer)}", **_told(beside)}
        target: Any = self.root
        for part in pointer.removeprefix("#").split("/")[1:]:
            target = target[part]
        self.open.append(pointer)
        try:
            return self.node({**target, **beside}, required)
        finally:
            self.open.pop()

    def node(self, schema: Json, required: bool) -> Json:
        other = schema.get("x-patch-of") or schema.get("then") or {}
        reference = schema.get("$ref") or other.get("$ref")
        if reference:
            return self.referred(reference, {key: schema[key] for key in ("title", "description", "examples") if key in schema}, required)
        if "oneOf" in schema:
            return {**_told(schema), "oneOf": [self.node(branch, True) for branch in schema["oneOf"] if branch.get("properties")]}
        kinds = schema.get("type", "string")
        kinds = [kinds] if isinstance(kinds, str) else [kind for kind in kinds if kind != "null"]
        if "enum" in schema and len(kinds) == 1:
            return self.choice(schema, kinds[0])
        if len(kinds) > 1:
            branches = [self.typed({**schema, "title": TITLES[kind]}, kind, required=True) for kind in kinds]
            return {**_told(schema), "anyOf": [{**branch, "title": TITLES[kind]} for branch, kind in zip(branches, kinds, strict=True)]}
        return self.typed(schema, kinds[0], required)

    def typed(self, schema: Json, kind: str, required: bool) -> Json:
        form: Json = {"type": kind, **_told(schema), **{key: schema[key] for key in KEPT if key in schema}}
        if kind == "object":
            self.fill_object(form, schema)
        elif kind == "array":
            form["items"] = self.node(schema.get("items", {"type": "string"}), True)
            if "enum" in form["items"]:
                form["items"]["widget"] = "multiselect"
        elif kind == "string":
            form |= {"widget": "textarea"} if schema.get("maxLength", 0) >= LONG_TEXT else {}
            form |= {"placeholder": example} if isinstance(example := _example(schema), str) else {}
        elif kind in ("number", "integer"):
            if "minimum" in schema and "maximum" in schema and schema["maximum"] - schema["minimum"] <= SLIDER_SPAN:
                form["widget"] = "range"
        elif kind == "boolean" and not required:
            form |= {"widget": "select", "default": None, "choices": [{"title": "yes", "value": True}, {"title": "no", "value": False}]}
        return form

    def fill_object(self, form: Json, schema: Json) -> None:
        needed = set(schema.get("required", ()))
        form["properties"] = {
            key: self.node(inner, key in needed)
            for key, inner in schema.get("properties", {}).items()
            if key != "extensions" and not key.endswith("_id") and not self.endless(inner)  # the form names things by key
        }
        free = schema.get("additionalProperties", False)
        if isinstance(free, Mapping):
            form["additionalProperties"] = self.node(dict(free), True)

    def endless(self, schema: Json) -> bool:
        """An object inside itself (`not`) would be drawn without end; in a list it waits for a click."""
        return schema.get("$ref") in self.open

    @staticmethod
    def choice(schema: Json, kind: str) -> Json:
        values = [value for value in schema["enum"] if value is not None]
        return {
            "type": kind,
            **_told(schema),
            "enum": values,
            "choices": [{"title": str(value).replace("_", " "), "value": value} for value in values],
        }


def _told(schema: Mapping[str, Any]) -> Json:
    told = {"title": schema["title"]} if "title" in schema else {}
    return {**told, "helpText": schema["description"]} if "description" in schema else told


def _example(schema: Mapping[str, Any]) -> Any:
    return next(iter(schema.get("examples", ())), None)


def _name(pointer: str) -> str:
    return pointer.removeprefix("#/$defs/").replace("/", "_").replace("$", "").replace("#", "root")


def form_data(form: Json, value: Any) -> Any:
    """A value as the form wants it handed over: blanks for what is missing, as it fills in none below free keys; `pruned` takes them away again."""
    return _filled(form, value, form)


def _filled(node: Json, value: Any, form: Json) -> Any:
    if "$ref" in node:
        node = form["$defs"][node["$ref"].rpartition("/")[2]]
    if isinstance(value, dict) and "properties" in node:
        free = node.get("additionalProperties", {})
        filled = {key: _filled(node["properties"].get(key, free), part, form) for key, part in value.items()}
        return {**filled, **{key: _blank(inner) for key, inner in node["properties"].items() if key not in value}}
    if isinstance(value, list) and "items" in node:
        return [_filled(node["items"], part, form) for part in value]
    return value


def _blank(node: Json) -> Any:
    kind = node.get("type", "string" if "oneOf" not in node else "object")
    if kind == "object":
        return {key: _blank(inner) for key, inner in node.get("properties", {}).items()}
    if "anyOf" in node:
        return _blank(node["anyOf"][0])
    return {"array": [], "string": ""}.get(kind)
