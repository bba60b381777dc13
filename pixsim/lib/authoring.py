"""The author's door, open to apps above: what every page of it shows, what its front page shows, and links on its pages.

An app registers in `ready()`. Links name URLs, so a page need not know who links itself there; a name that leads nowhere yet is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

Shown = Callable[[HttpRequest], Mapping[str, Any]]
_links: dict[str, list[Link]] = {}
_everywhere: list[Shown] = []
_front: list[Shown] = []
_panels: dict[str, list[Panel]] = {}


GROUPS = ("", "Write", "Film", "Test", "Players", "Versions")
"""What the links of a place are for, in the order they are shown; those of no group come first."""


class Link(NamedTuple):
    url_name: str
    title: str
    order: int
    query: str
    group: str


class Panel(NamedTuple):
    template: str
    shown: Callable[[HttpRequest, Any], Mapping[str, Any]]


def panel(place: str, template: str, shown: Callable[[HttpRequest, Any], Mapping[str, Any]]) -> None:
    """Show a part on the page of one row of `place`: `template` with `shown(request, row)`."""
    entry = Panel(template, shown)
    if entry not in _panels.setdefault(place, []):
        _panels[place].append(entry)


def panels(place: str) -> list[Panel]:
    return list(_panels.get(place, ()))


def link(place: str, url_name: str, title: str, *, order: int = 100, query: str = "", group: str = "") -> None:
    """Show a link on the pages of `place`: a model's name (`world`, `npc`, `scene`, `location`, `hotspot`, …) or `index`.

    The URL gets the row's id as its one argument; with `query`, such as `of_world={id}`, it gets none and the query instead. `group` is one of
    `GROUPS`.
    """
    entry = Link(url_name, title, order, query, group)
    if entry not in _links.setdefault(place, []):
        _links[place].append(entry)


def links(place: str, pk: Any = None) -> list[dict[str, str]]:
    """The links of a place for one row, group after group and in order."""
    found = []
    for each in sorted(_links.get(place, ()), key=lambda one: (GROUPS.index(one.group), one.order)):
        try:
            url = reverse(each.url_name, args=() if each.query or pk is None else (pk,))
        except NoReverseMatch:
            continue
        found.append({"title": each.title, "group": each.group, "url": f"{url}?{each.query.format(id=pk)}" if each.query else url})
    return found


def everywhere(shown: Shown) -> None:
    """`shown(request)` joins the context of every page."""
    _everywhere.append(shown)


def front(shown: Shown) -> None:
    """`shown(request)` joins the context of the front page."""
    _front.append(shown)


def page_context(request: HttpRequest) -> dict[str, Any]:
    return {key: value for shown in _everywhere for key, value in shown(request).items()}


def front_context(request: HttpRequest) -> dict[str, Any]:
    return {key: value for shown in _front for key, value in shown(request).items()}
