"""`{% author_links "world" original.pk as links %}`: what apps above have to offer on a page of the author's door."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html_join

from pixsim.lib import authoring

register = template.Library()


@register.simple_tag
def author_links(place: str, pk: Any = None) -> list[dict[str, str]]:
    return authoring.links(place, pk)


@register.filter
def grouped(links: list[dict[str, str]]) -> bool:
    """Whether any of them belongs to a group."""
    return any(link["group"] for link in links)


@register.simple_tag(takes_context=True)
def author_panels(context: dict[str, Any], place: str, row: Any) -> str:
    """What apps above show on the page of this row."""
    request = context["request"]
    return format_html_join("", "{}", ((render_to_string(each.template, each.shown(request, row), request),) for each in authoring.panels(place)))
