"""Model fields that know their JSON Schema."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from pixsim.lib import schema

KEY_LENGTH = 80
KEY_REGEX = r"\A[a-z0-9][a-z0-9_]*\Z"
KEY_PATTERN = re.compile(KEY_REGEX)
key_validator = RegexValidator(KEY_REGEX, "Use small letters, digits and _ (it starts with a letter or digit).")


class KeyField(models.CharField):  # type: ignore[type-arg]
    """The name by which JSON refers to a thing: a slug with `_`, unique in its parent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": KEY_LENGTH, "validators": [key_validator], **kwargs})


class SchemaField(models.JSONField):  # type: ignore[type-arg]
    """A JSONField whose content is valid by one of the project's JSON Schemas (`app/name`)."""

    def __init__(self, *, schema: str = "", **kwargs: Any) -> None:
        self.schema = schema
        super().__init__(**{"default": dict, "blank": True, **kwargs})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "schema": self.schema}

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        found = schema.errors(self.schema, value)
        if found:
            raise ValidationError([ValidationError(f"{e.pointer or '/'}: {e.message}", code=e.code) for e in found])
