"""Fields that take what JSON says and nothing like it: no "1" for 1, no 1 for true, no number a database refuses."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import QueryDict
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from pixsim.lib import schema as schemas
from pixsim.lib.api.parsers import MAX_JSON_BYTES
from pixsim.lib.api.problems import nested
from pixsim.lib.canonical import canonical_json
from pixsim.lib.errors import Invalid
from pixsim.lib.fields import KEY_LENGTH, KEY_PATTERN, key_validator

M = TypeVar("M", bound=Model)
MAX_INTEGER = 2**63 - 1
MAX_NUMBER = 1e15


def is_text_only(field: serializers.Field[Any, Any, Any, Any]) -> bool:
    """Whether the input is a query string or a form, where everything is text."""
    return isinstance(getattr(field.root, "initial_data", None), QueryDict)


class Text(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": -MAX_INTEGER, "max_value": MAX_INTEGER, **kwargs})

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not (isinstance(data, int) or (isinstance(data, float) and data.is_integer()) or is_text_only(self)):
            self.fail("invalid")
        return super().to_internal_value(int(data) if isinstance(data, float) else data)


class Number(serializers.FloatField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": -MAX_NUMBER, "max_value": MAX_NUMBER, **kwargs})

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not (isinstance(data, int | float) or is_text_only(self)):
            self.fail("invalid")
        number = super().to_internal_value(data)
        if not math.isfinite(number):
            self.fail("invalid")
        return number


class Flag(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool) and not is_text_only(self):
            self.fail("invalid", input=data)
        return bool(super().to_internal_value(data))


class Id(Whole):
    """The id of a row of any kind; whether there is one is the view's question."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, **kwargs})


class Key(Text):
    """A slug: small letters, digits and _."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": KEY_LENGTH, **kwargs})
        self.validators.append(key_validator)


@extend_schema_field({"oneOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[a-z0-9][a-z0-9_]*$", "maxLength": KEY_LENGTH}]})
class Reference(serializers.Field[int | str, Any, Any, Any]):
    """Another thing of the same world, by id or by key; `find` makes the object of it once the world is known."""

    default_error_messages = {"invalid": "Give an id or a key."}

    def to_internal_value(self, data: Any) -> int | str:
        if isinstance(data, str) and is_text_only(self) and data.isascii() and data.isdigit():
            data = int(data[:20])
        if isinstance(data, int) and not isinstance(data, bool) and 1 <= data <= MAX_INTEGER:
            return data
        if isinstance(data, str) and len(data) <= KEY_LENGTH and KEY_PATTERN.search(data):
            return data
        return self.fail("invalid")

    def to_representation(self, value: Any) -> Any:
        return value


def find(queryset: QuerySet[M], reference: int | str | None, pointer: str) -> M | None:
    """The object of `queryset` that `reference` (id or key) means, None for none. Raises Invalid pointing at the field."""
    if reference is None:
        return None
    found = queryset.filter(**({"pk": reference} if isinstance(reference, int) else {"key": reference})).first()
    if found is None:
        raise Invalid([(pointer, "does_not_exist", f"There is no {queryset.model._meta.verbose_name} {reference} here.")])
    return found


class Json(serializers.JSONField):
    """A JSON value, valid by one of the project's schemas (`app/name`), an object unless `kind` says otherwise.

    A view may give `prepare=…` as context: what turns ids into keys before the schema is asked (`worlds.references.keyed`)."""

    default_error_messages = {
        "kind": "Give {kind}.",
        "too_large": "This has become larger than 2 MB.",
    }
    names: dict[type, str] = {dict: "an object", list: "a list"}

    def __init__(self, *, schema: str | Callable[[], str] = "", kind: type | None = dict, **kwargs: Any) -> None:
        self.schema, self.kind = schema, kind
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        prepare = self.context.get("prepare")
        value = super().to_internal_value(prepare(data) if prepare else data)
        if self.kind is not None and not isinstance(value, self.kind):
            self.fail("kind", kind=self.names.get(self.kind) or self.kind.__name__)
        if len(canonical_json(value)) > MAX_JSON_BYTES:
            self.fail("too_large")
        if self.schema:
            found = schemas.errors(self.schema if isinstance(self.schema, str) else self.schema(), value)
            if found:
                raise serializers.ValidationError(nested(found))
        return value
