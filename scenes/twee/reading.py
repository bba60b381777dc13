"""Twee 3 as its specification says it: passages with name, tags, place and text; the story's title and data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, NamedTuple

from pixsim.lib import strict_json
from pixsim.lib.errors import FieldError, Invalid, TooLarge

MAX_BYTES: Final = 2 * 1024 * 1024
HEADER = re.compile(r"^::(?!:)", re.MULTILINE)
NAME = re.compile(r"(?:\\.|[^\\\[\]{}])*")
TAGS = re.compile(r"\[((?:\\.|[^\\\[\]{}])*)\]")
ESCAPE = re.compile(r"\\(.)")
PAIR = re.compile(r"\s*(-?\d{1,6}(?:\.\d{1,3})?)\s*,\s*(-?\d{1,6}(?:\.\d{1,3})?)\s*")
TITLE, DATA = "StoryTitle", "StoryData"


class Loss(NamedTuple):
    """Something that has no place here: in which passage, on which line of the file, a stable code, words."""

    passage: str
    line: int
    code: str
    message: str


@dataclass(slots=True)
class Passage:
    name: str
    tags: tuple[str, ...]
    text: str
    line: int
    position: tuple[float, float] | None = None


@dataclass(slots=True)
class Story:
    title: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    passages: list[Passage] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)


def refused(code: str, message: str) -> Invalid:
    return Invalid([FieldError("/file", code, message)])


def read(content: bytes) -> Story:
    """A story from a file. Raises Invalid, TooLarge."""
    if len(content) > MAX_BYTES:
        raise TooLarge(f"A Twee file may have {MAX_BYTES >> 20} MB.", limit=MAX_BYTES)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refused("encoding", f"The file is not UTF-8 (byte {error.start}).") from None
    if "\0" in text:
        raise refused("nul", "Text must not contain NUL.")
    return parse(text.replace("\r\n", "\n").replace("\r", "\n"))


def parse(text: str) -> Story:
    if "<tw-storydata" in text[:100_000] and not HEADER.search(text):
        raise refused("kind", "This is a published Twine story (HTML). Export it as Twee first: Twine’s Build menu, “Export As Twee”.")
    story = Story()
    for passage in _passages(text, story.losses):
        if passage.name == TITLE:
            story.title = passage.text.strip()
        elif passage.name == DATA:
            _take_data(story, passage)
        elif any(passage.name == known.name for known in story.passages):
            story.losses.append(Loss(passage.name, passage.line, "duplicate", "There is a passage of this name already; the first one counts."))
        else:
            story.passages.append(passage)
    if not story.passages:
        raise refused("no_passages", "There is no passage in this file. In Twee one begins with a line such as “:: Start”.")
    return story


def _passages(text: str, losses: list[Loss]) -> Iterator[Passage]:
    starts = [found.start() for found in HEADER.finditer(text)]
    line, counted = 1, 0
    for start, end in pairwise([*starts, len(text)]):
        line, counted = line + text.count("\n", counted, start), start
        header, _, body = text[start:end].partition("\n")
        passage = _header(header[2:], line, losses)
        if passage is not None:
            passage.text = re.sub(r"^\\(?=::)", "", body.strip("\n"), flags=re.MULTILINE).rstrip()
            yield passage


def _header(text: str, line: int, losses: list[Loss]) -> Passage | None:
    """`Name [tags] {"position":"600,400"}`; what cannot be read of tags and place is told and left out."""
    found = NAME.match(text)
    name = _plain(found[0]) if found else ""
    if not name:
        losses.append(Loss("", line, "no_name", "A passage without a name is left out."))
        return None
    rest = text[found.end() :].strip() if found else ""
    tags: tuple[str, ...] = ()
    if tagged := TAGS.match(rest):
        tags = tuple(_plain(tag) for tag in re.findall(r"(?:\\.|\S)+", tagged[1]))
        rest = rest[tagged.end() :].strip()
    passage = Passage(name, tags, "", line)
    if rest:
        _take_place(passage, rest, losses)
    return passage


def _take_place(passage: Passage, text: str, losses: list[Loss]) -> None:
    try:
        meta = strict_json.loads(text.encode("utf-8", "surrogatepass"))
    except Invalid:
        meta = None
    if not isinstance(meta, dict):
        losses.append(Loss(passage.name, passage.line, "bad_header", "What stands behind the name cannot be read and is left out."))
        return
    if "position" in meta:
        pair = PAIR.fullmatch(meta["position"]) if isinstance(meta["position"], str) else None
        if pair:
            passage.position = (float(pair[1]), float(pair[2]))
        else:
            losses.append(Loss(passage.name, passage.line, "bad_header", "Its position cannot be read."))


def _take_data(story: Story, passage: Passage) -> None:
    try:
        data = strict_json.loads(passage.text.encode("utf-8", "surrogatepass") or b"{}")
    except Invalid as error:
        story.losses.append(Loss(DATA, passage.line, "bad_data", f"It cannot be read. {error.detail}"))
        return
    if isinstance(data, dict):
        story.data = data
    else:
        story.losses.append(Loss(DATA, passage.line, "bad_data", "It is no JSON object."))


def _plain(text: str) -> str:
    return ESCAPE.sub(r"\1", text).strip()
