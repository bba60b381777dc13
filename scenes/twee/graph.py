"""A story as a scene: every passage a node, every link an edge, and a report of what has no place here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from pixsim.lib.fields import KEY_LENGTH
from worlds.services import free_key

from .reading import Loss, Passage, Story

Json = dict[str, Any]
START, END = "Start", "The end"
TEXT, LABEL, TITLE = 8000, 300, 200
MAX_REPORTED = 300
RAW = 4 * TEXT  # of a passage, with what is not read
LINK = re.compile(r"\[\[((?:(?!\]\]|\]\[)[^\n]){1,600}+)\](?:\[([^\]\n]{0,600}+)\])?\]")
BULLETS: Final = " \t*-•>"
ALONE = re.compile(r"^[ \t*\-•>]*+\0[ \t]*+\n?", re.MULTILINE)
ABROAD = re.compile(r"[a-z][a-z0-9+.-]*://|mailto:", re.IGNORECASE)
SPECIAL: Final = frozenset({
    "StoryAuthor", "StoryBanner", "StoryCaption", "StoryDisplayTitle", "StoryInit", "StoryInterface", "StoryMenu", "StorySettings", "StoryShare",
    "StorySubtitle", "PassageDone", "PassageFooter", "PassageHeader", "PassageReady",
})  # fmt: skip
NO_STORY: Final = {"script": "code", "stylesheet": "a style sheet", "widget": "a macro of its own", "annotation": "a note", "Twine.private": "a note"}
# What the three usual story formats (SugarCube, Harlowe, Chapbook) and HTML write into text. Quantifiers are possessive: a stranger's text must not
# send them back and forth.
MACROS: Final = (
    ("code", re.compile(r"<(script|style)\b[^<>]*+>", re.IGNORECASE)),
    ("macro", re.compile(r"<<(?>\"[^\"\n]*\"|'[^'\n]*'|[^<>\n]|>(?!>)|<(?!<))*+>>")),
    ("macro", re.compile(r"\([A-Za-z][\w-]*+:(?>\"[^\"\n]*\"|[^()\n]|\([^()\n]*\))*+\)[ \t]*+")),
    ("macro", re.compile(r"\{(?:embed|reveal|cycling|dropdown|text input|back link|restart link|link to)\b[^{}\n]*+\}")),
    ("image", re.compile(r"\[img\[[^\]\n]*+\](?:\[[^\]\n]*+\])*+\]|<img\b[^<>\n]*+>", re.IGNORECASE)),
    ("markup", re.compile(r"</?[A-Za-z][^<>\n]*+>|<!--[^>\n]*+>")),
)
WORDS: Final = {
    "macro": "A macro is left out; say it with conditions and effects of the edges.",
    "code": "Code is left out.",
    "image": "A picture from elsewhere is left out; put one of your assets on the node.",
    "markup": "Markup is left out.",
}


class Link(NamedTuple):
    label: str
    target: str


@dataclass(slots=True)
class Graph:
    """`data` is what `services.replace_graph` takes; `meta` the scene's."""

    title: str
    data: Json
    meta: Json
    losses: list[Loss]


def graph_of(story: Story, *, people: Collection[str] = ()) -> Graph:
    """The scene of a story. `people` are the keys of the world's NPCs: a passage tagged with one (or `npc:key`) becomes a dialogue with them."""
    losses = list(story.losses)
    told = [passage for passage in story.passages if not _outside(passage, story, losses)]
    keys: dict[str, str] = {}
    for passage in told:
        keys[passage.name] = free_key(passage.name, keys.values(), default="node")[:KEY_LENGTH]
    nodes, edges, ends, missing = [], [], [], {}  # type: ignore[var-annotated]
    for passage in told:
        text, links = _read(passage, losses)
        ways = [link for link in links if _leads(link, passage, losses)]
        nodes.append(_node(passage, keys[passage.name], text, bool(ways), people, losses))
        for link in ways:
            if link.target not in keys:
                losses.append(
                    Loss(passage.name, passage.line, "missing_target", f"There is no passage “{link.target[:80]}”; an empty node stands for it.")
                )
                keys[link.target] = missing[link.target] = free_key(link.target, keys.values(), default="node")[:KEY_LENGTH]
            edges.append(
                {"from_node_id": keys[passage.name], "to_node_id": keys[link.target], "choice_label": _cut(link.label, LABEL, passage, losses)}
            )
        if not ways:
            ends.append(keys[passage.name])
    for name, key in missing.items():
        nodes.append({"id": key, "kind": "video", "label": name[:TITLE], "meta": {"note": "This passage was missing in the Twee file."}})
        ends.append(key)
    _finish(nodes, edges, ends, set(keys.values()))
    data = {"entry_node_id": _entry(story, told, keys, losses), "nodes": nodes, "edges": edges}
    losses.sort(key=lambda loss: loss.line)
    return Graph(story.title[:TITLE] or "Imported story", data, _meta(story, losses), losses)


def _outside(passage: Passage, story: Story, losses: list[Loss]) -> bool:
    """Passages that are no part of the telling."""
    kind = next(
        (NO_STORY[tag] for tag in passage.tags if tag in NO_STORY), "a special passage of its story format" if passage.name in SPECIAL else ""
    )
    if kind:
        losses.append(Loss(passage.name, passage.line, "not_story", f"This is {kind}, no part of the telling; it is left out."))
    return bool(kind)


# -- text and links ---------------------------------------------------------------------------------------------------
def _read(passage: Passage, losses: list[Loss]) -> tuple[str, list[Link]]:
    """The text to read and the ways out. A link alone on its line goes; one inside a sentence leaves its words."""
    text = _cut(passage.text, RAW, passage, losses)
    links: list[Link] = []
    for code, pattern in MACROS:
        text = _without(text, code, pattern, passage, losses)

    def found(match: re.Match[str]) -> str:
        link = link_of(match[1])
        if match[2]:
            losses.append(Loss(passage.name, passage.line, "macro", "What a link sets is left out; say it with the effects of the edge."))
        links.append(link)
        before, after = text[text.rfind("\n", 0, match.start()) + 1 : match.start()], text[match.end() :].partition("\n")[0]
        return link.label if before.strip(BULLETS) or after.strip() else "\0"

    told = LINK.sub(found, text)
    told = ALONE.sub("", told)
    told = re.sub(r"[ \t]+\n", "\n", re.sub(r"\n{3,}", "\n\n", told)).strip()
    return _cut(told, TEXT, passage, losses), links


def _without(text: str, code: str, pattern: re.Pattern[str], passage: Passage, losses: list[Loss]) -> str:
    """The text without what a pattern finds, each told with its line; the hook behind a Harlowe macro loses its brackets and keeps its words."""
    pieces, at, unclosed = [], 0, False
    for match in pattern.finditer(text):
        if match.start() < at:
            continue
        line = passage.line + 1 + text.count("\n", 0, match.start())
        losses.append(Loss(passage.name, line, code, f"{WORDS[code]} ({match[0].strip()[:60]})"))
        pieces.append(text[at : match.start()])
        at = match.end()
        if code == "code":
            end = text.lower().find(f"</{match[1].lower()}", at)
            at = text.find(">", end) + 1 if end >= 0 and ">" in text[end:] else len(text)
        elif code == "macro" and text[at : at + 1] == "[" and text[at : at + 2] != "[[" and not unclosed:
            end = _closing(text, at)
            unclosed = end < 0
            if not unclosed:
                pieces.append(text[at + 1 : end])
                at = end + 1
    return "".join(pieces) + text[at:]


def _closing(text: str, start: int) -> int:
    """Where the bracket that opens at `start` closes; -1 where it never does."""
    depth = 0
    for index in range(start, len(text)):
        depth += {"[": 1, "]": -1}.get(text[index], 0)
        if depth == 0:
            return index
    return -1


def link_of(inner: str) -> Link:
    """`text->target` (the last arrow counts), `target<-text` (the first), `text|target` (the last), `target`."""
    if "->" in inner:
        label, _, target = inner.rpartition("->")
    elif "<-" in inner:
        target, _, label = inner.partition("<-")
    elif "|" in inner:
        label, _, target = inner.rpartition("|")
    else:
        label = target = inner
    return Link(label.strip() or target.strip(), target.strip())


def _leads(link: Link, passage: Passage, losses: list[Loss]) -> bool:
    if ABROAD.match(link.target):
        losses.append(Loss(passage.name, passage.line, "link_abroad", f"A link out of the story is left out: {link.target[:80]}"))
        return False
    if not link.target or link.target.startswith(("$", "_", "(")):
        losses.append(
            Loss(passage.name, passage.line, "computed_link", f"Where “{link.label[:60]}” leads is computed while playing; it is left out.")
        )
        return False
    return True


def _cut(text: str, limit: int, passage: Passage, losses: list[Loss]) -> str:
    if len(text) > limit:
        losses.append(Loss(passage.name, passage.line, "cut", f"Only the first {limit} of {len(text)} characters are used."))
    return text[:limit]


# -- nodes and edges --------------------------------------------------------------------------------------------------
def _node(passage: Passage, key: str, text: str, chooses: bool, people: Collection[str], losses: list[Loss]) -> Json:
    person = next((tag.removeprefix("npc:") for tag in passage.tags if tag.removeprefix("npc:") in people), None)
    kept = {"name": passage.name, **({"tags": list(passage.tags)} if passage.tags else {})}
    if text != passage.text:
        kept["text"] = passage.text[:RAW]
    meta: Json = {"extensions": {"twee": kept}}
    if text:
        meta["text"] = text
    if passage.position:
        meta["position"] = dict(zip("xy", passage.position, strict=True))
    if person:
        meta["dialogueConfig"] = {"npc": person}
    kind = "dialogue" if person else "choice" if chooses else "video"
    return {"id": key, "kind": kind, "label": _cut(passage.name, TITLE, passage, losses), "meta": meta}


def _finish(nodes: list[Json], edges: list[Json], ends: Collection[str], taken: set[str]) -> None:
    """Where a passage leads nowhere the story ends."""
    if not ends:
        return
    key = free_key(END, taken)
    places = [place for node in nodes if (place := node["meta"].get("position"))]
    meta = {"position": {"x": max(place["x"] for place in places) + 250, "y": min(place["y"] for place in places)}} if places else {}
    nodes.append({"id": key, "kind": "end", "label": END, "meta": meta})
    edges.extend({"from_node_id": source, "to_node_id": key, "choice_label": ""} for source in ends)


def _entry(story: Story, told: list[Passage], keys: Mapping[str, str], losses: list[Loss]) -> str | None:
    names = [passage.name for passage in told]
    start = story.data.get("start")
    if start is not None and start not in names:
        losses.append(Loss("StoryData", 0, "missing_start", "The passage it starts with is not there; the story starts with the first."))
    found = next((name for name in (start, START) if name in names), names[0] if names else None)
    return keys[found] if found is not None else None


def _meta(story: Story, losses: list[Loss]) -> Json:
    """The story's own data, and the report: an author works through it later."""
    kept = {**dict(_small(story.data)), **({"losses": [loss._asdict() for loss in losses[:MAX_REPORTED]]} if losses else {})}
    return {"extensions": {"twee": kept}} if kept else {}


def _small(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Of StoryData what is no more than a note: ifid, format and the like."""
    for name in ("ifid", "format", "format-version", "start", "zoom", "tag-colors"):
        if name in data and len(str(data[name])) <= 2000:
            yield name, data[name]
