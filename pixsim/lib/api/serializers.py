"""Input that is refused when it holds a field nobody knows, and the shape of a problem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from pixsim.lib.api.problems import pointed
from pixsim.lib.errors import Invalid


class Strict(serializers.Serializer[Any]):
    """Base of every input, nested ones too: an unknown field is an error that names the known ones."""

    def to_internal_value(self, data: Any) -> Any:
        unknown: dict[str, Any] = {}
        if isinstance(data, Mapping):
            known = [str(field.field_name) for field in self._writable_fields]
            hint = f"There is no such field; there are: {', '.join(known) or 'none'}."
            unknown = {str(name): [ErrorDetail(hint, "unknown")] for name in data if name not in known}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({**error.detail, **unknown} if isinstance(error.detail, dict) else error.detail) from None
        if unknown:
            raise serializers.ValidationError(unknown)
        return value


class Nothing(Strict):
    """The body of a POST that takes none: `{}` or nothing at all."""


@extend_schema_serializer(component_name="FieldError")
class FieldErrorOutput(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="RFC 6901; empty for the whole input.")
    code = serializers.CharField()
    message = serializers.CharField()


@extend_schema_serializer(component_name="Problem")
class ProblemOutput(serializers.Serializer[Any]):
    """RFC 9457. Some problems carry more, such as `current` (the present session) or `reasons`."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = FieldErrorOutput(many=True, required=False)


def valid(serializer: type[serializers.Serializer[Any]], data: Any, *, prefix: str = "", **context: Any) -> dict[str, Any]:
    """The validated data of one input. Raises Invalid with every error and its pointer."""
    checked = serializer(data=data, context=context)
    if not checked.is_valid():
        raise Invalid(pointed(checked.errors, prefix))
    return dict(checked.validated_data)


def valid_list(serializer: type[serializers.Serializer[Any]], data: Any, *, maximum: int = 500, **context: Any) -> list[dict[str, Any]]:
    """Like `valid` for a list of at most `maximum`, or for one object, which is a list of one."""
    if not isinstance(data, list):
        return [valid(serializer, data, **context)]
    if len(data) > maximum:
        raise Invalid([("", "too_many", f"A list may have {maximum} entries.")])
    checked = [serializer(data=entry, context=context) for entry in data]
    errors = [found for index, one in enumerate(checked) if not one.is_valid() for found in pointed(one.errors, f"/{index}")]
    if errors:
        raise Invalid(errors)
    return [dict(one.validated_data) for one in checked]
