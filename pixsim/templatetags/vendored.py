"""Links to what npm brought, where it was built: a site without Node lacks it, and its pages do without."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html

register = template.Library()


@lru_cache(maxsize=16)
def is_built(path: str) -> bool:
    return finders.find(path) is not None


@register.simple_tag
def vendored_css(name: str) -> str:
    """The stylesheet static/vendor/<name>, or nothing."""
    path = f"vendor/{name}"
    return format_html('<link rel="stylesheet" href="{}">', static(path)) if is_built(path) else ""
