"""Stories of Twine: read as the specification says, told as a scene, and what is left out said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixsim.lib.errors import Invalid, TooLarge
from scenes.models import Scene
from scenes.twee import services
from scenes.twee.graph import Link, graph_of, link_of
from scenes.twee.reading import MAX_BYTES, parse, read
from sessions.engine import Choose, Continue
from sessions.publishing import publish
from sessions.services import move, start
from tests.documents import harbor
from tests.playing import account, published
from worlds.models import World, WorldHistory

FOG = """:: StoryTitle
Fog over the quay

:: StoryData
{"ifid": "D674C58C-DEFA-4F70-B7A2-27742230C0FC", "format": "SugarCube", "format-version": "2.37.3", "start": "The quay", "zoom": 1}

:: The quay [outside morning] {"position":"600,400","size":"100,200"}
Fog lies on the water. You hear [[a bell->The buoy]] far out.

* [[Go to the tavern|Tavern]]
* [[Back to bed<-Go home]]
[[The buoy]]

:: Tavern [captain_mara] {"position":"850,400"}
<<set $seen to true>>"You again," says the captain.
(if: $seen)[She //smiles//.]
<b>Rain</b> begins.
[[Stay->Tavern][$coin -= 1]]
[[The map->https://example.org/map]]
[[Cellar]]

:: The buoy
It rings \\\\o/
\\:: not a header

:: StoryInit
<<set $coin to 3>>

:: code [script]
alert("hello");
"""


def by_key(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows}


def test_passages_become_nodes_at_their_places_and_links_become_choices() -> None:
    graph = graph_of(read(FOG.encode()), people={"captain_mara"})
    nodes = by_key(graph.data["nodes"])
    assert graph.title == "Fog over the quay"
    assert graph.meta["extensions"]["twee"]["ifid"].startswith("D674C58C")
    assert graph.data["entry_node_id"] == "the_quay"
    assert {key: node["kind"] for key, node in nodes.items()} == {
        "the_quay": "choice", "tavern": "dialogue", "the_buoy": "video", "back_to_bed": "video", "cellar": "video", "the_end": "end",
    }  # fmt: skip
    assert nodes["the_quay"]["meta"]["position"] == {"x": 600, "y": 400}
    assert nodes["the_quay"]["meta"]["text"] == "Fog lies on the water. You hear a bell far out."
    assert nodes["the_quay"]["meta"]["extensions"]["twee"]["tags"] == ["outside", "morning"]
    assert nodes["tavern"]["meta"]["dialogueConfig"] == {"npc": "captain_mara"}
    assert nodes["tavern"]["meta"]["text"] == '"You again," says the captain.\nShe //smiles//.\nRain begins.'
    assert nodes["the_buoy"]["meta"]["text"].endswith("\n:: not a header")
    assert [(edge["from_node_id"], edge["to_node_id"], edge["choice_label"]) for edge in graph.data["edges"]] == [
        ("the_quay", "the_buoy", "a bell"),
        ("the_quay", "tavern", "Go to the tavern"),
        ("the_quay", "back_to_bed", "Go home"),
        ("the_quay", "the_buoy", "The buoy"),
        ("tavern", "tavern", "Stay"),
        ("tavern", "cellar", "Cellar"),
        ("the_buoy", "the_end", ""),
        ("back_to_bed", "the_end", ""),
        ("cellar", "the_end", ""),
    ]


def test_what_is_left_out_is_told_with_passage_and_line() -> None:
    losses = graph_of(read(FOG.encode()), people={"captain_mara"}).losses
    assert {(loss.passage, loss.line, loss.code) for loss in losses} == {
        ("The quay", 7, "missing_target"),
        ("Tavern", 15, "macro"),
        ("Tavern", 16, "macro"),
        ("Tavern", 14, "macro"),
        ("Tavern", 17, "markup"),
        ("Tavern", 14, "link_abroad"),
        ("Tavern", 14, "missing_target"),
        ("StoryInit", 26, "not_story"),
        ("code", 29, "not_story"),
    }


@pytest.mark.parametrize(
    ("inner", "link"),
    [
        ("Tavern", Link("Tavern", "Tavern")),
        ("Go->Tavern", Link("Go", "Tavern")),
        ("Tavern<-Go", Link("Go", "Tavern")),
        ("Go|Tavern", Link("Go", "Tavern")),
        ("a->b->Tavern", Link("a->b", "Tavern")),
        ("Tavern<-a<-b", Link("a<-b", "Tavern")),
        ("a|b|Tavern", Link("a|b", "Tavern")),
        ("->Tavern", Link("Tavern", "Tavern")),
    ],
)
def test_links_are_read_in_all_four_ways(inner: str, link: Link) -> None:
    assert link_of(inner) == link


# -- round trip -------------------------------------------------------------------------------------------------------
names = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12).filter(lambda name: name not in ("StoryTitle", "StoryData"))
texts = st.lists(
    st.text(st.characters(exclude_categories=("C",)), max_size=30).map(str.strip).filter(lambda line: not line.startswith(("::", "\\::"))), max_size=3
)
passage = st.tuples(names, st.lists(names, max_size=2), texts, st.none() | st.tuples(st.integers(-9999, 9999), st.integers(0, 9999)))


def escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in "\\[]{}" else character for character in text)


def written(passages: list[Any]) -> str:
    lines = []
    for name, tags, text, place in passages:
        tagged = f" [{' '.join(map(escaped, tags))}]" if tags else ""
        placed = f' {{"position":"{place[0]},{place[1]}"}}' if place else ""
        lines += [f":: {escaped(name)}{tagged}{placed}", *text, ""]
    return "\n".join(lines)


@settings(max_examples=150, deadline=None)
@given(st.lists(passage, min_size=1, max_size=5, unique_by=lambda one: one[0]))
def test_what_was_written_is_what_is_read(passages: list[Any]) -> None:
    story = parse(written(passages))
    assert [(one.name, list(one.tags), one.position) for one in story.passages] == [(name, tags, place) for name, tags, _, place in passages]
    assert [one.text for one in story.passages] == ["\n".join(text).strip("\n").rstrip() for _, _, text, _ in passages]
    assert story.losses == []


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(names, st.lists(st.integers(0, 5), max_size=3)), min_size=1, max_size=5, unique_by=lambda one: one[0]))
def test_every_link_is_an_edge_to_its_passage(story: list[Any]) -> None:
    plain = [(f"Passage {number}", links) for number, (_, links) in enumerate(story)]
    text = "\n".join(f":: {name}\n" + "\n".join(f"[[way {to}->Passage {to}]]" for to in links) for name, links in plain)
    graph = graph_of(parse(text))
    labels = {node["id"]: node["label"] for node in graph.data["nodes"]}
    made = [(labels[edge["from_node_id"]], labels[edge["to_node_id"]]) for edge in graph.data["edges"] if edge["choice_label"]]
    assert made == [(name, f"Passage {to}") for name, links in plain for to in links]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*"::[]{}<>()|->\"'\\ \nab$*", "[[", "]]", ":: ", "<<", ">>", "(if:", "<script>"]), max_size=200).map("".join))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        graph = graph_of(parse(":: Start\n" + text))
    except Invalid:
        return
    keys = {node["id"] for node in graph.data["nodes"]}
    assert all({edge["from_node_id"], edge["to_node_id"]} <= keys for edge in graph.data["edges"])


@pytest.mark.parametrize("piece", ["[[", '<<a "', "(a:", "<script>", '(a:"x"', "[img[", "<!--", "<a ", "[[a->", "{embed ", "(if: x)[", "[[a]["])
def test_a_text_made_to_send_the_reader_back_and_forth_comes_to_an_end(piece: str) -> None:
    assert graph_of(parse(":: Start\n" + piece * (200_000 // len(piece)))).data["nodes"]


# -- what is none -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "no_passages"),
        (b"Just text", "no_passages"),
        (b":: StoryTitle\nFog", "no_passages"),
        (b":: [tags only]\nFog", "no_passages"),
        (b"\xff\xfe:: Start", "encoding"),
        (b":: Start\n\0", "nul"),
        (b'<html><tw-storydata name="Fog"></tw-storydata>', "kind"),
    ],
)
def test_a_file_that_is_no_story_is_refused_with_its_reason(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read(content)
    assert [(error.pointer, error.code) for error in refusal.value.errors] == [("/file", code)]


def test_too_large_a_file_is_refused() -> None:
    with pytest.raises(TooLarge):
        read(b":: Start\n" + b"x" * MAX_BYTES)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (":: Start {position}\nFog", "bad_header"),
        (':: Start {"position": 7}\nFog', "bad_header"),
        (":: Start\nFog\n:: Start\nRain", "duplicate"),
        (":: StoryData\n{no json\n:: Start\nFog", "bad_data"),
        (":: StoryData\n[1]\n:: Start\nFog", "bad_data"),
        (':: StoryData\n{"start": "Nowhere"}\n:: Start\nFog', "missing_start"),
        (":: Start\n[[Go->$somewhere]]", "computed_link"),
        (":: Start\n" + "x" * 9000, "cut"),
        (":: Start\n[img[fog.png]]", "image"),
        (":: Start\n<script>alert(1)</script>", "code"),
    ],
)
def test_what_is_wrong_in_part_is_told_and_the_rest_is_taken(text: str, code: str) -> None:
    graph = graph_of(parse(text))
    assert code in [loss.code for loss in graph.losses]
    assert "start" in by_key(graph.data["nodes"])


# -- in the database --------------------------------------------------------------------------------------------------
@pytest.fixture
def world(db: None) -> World:
    return published(harbor(), owner=account("anna", author=True))


def test_an_import_is_one_change_and_can_be_played(world: World) -> None:
    before = world.draft_version
    made = services.import_twee(world=world, actor=world.owner, content=FOG.encode())
    assert [row.part for row in WorldHistory.objects.filter(world=world, version__gt=before)] == [f"scene/{made.scene.key}"]
    assert made.scene.meta["extensions"]["twee"]["losses"][0]["passage"] == "The quay", "the report stays with the scene"
    Scene.objects.filter(world=world).exclude(pk=made.scene.pk).update(is_entry=False)
    Scene.objects.filter(pk=made.scene.pk).update(is_entry=True)
    world.refresh_from_db()
    publish(world=world, actor=world.owner, force=True)
    session = start(user=account("paul"), world=world).session
    edges = {edge.label: edge.key for edge in made.scene.edges.all()}
    assert session.state["at"]["node"] == "the_quay"
    session = move(session=session, action=Choose(edge=edges["The buoy"])).session
    assert session.state["at"]["node"] == "the_buoy"
    session = move(session=session, action=Continue()).session
    assert session.state.get("at") is None, "the story is over"


def test_what_is_too_much_leaves_nothing_behind(world: World) -> None:
    scenes = Scene.objects.count()
    with pytest.raises(Invalid) as refusal:
        services.import_twee(world=world, actor=world.owner, content="\n".join(f":: P{number}" for number in range(2001)).encode())
    assert refusal.value.errors[0].code == "too_many"
    assert Scene.objects.count() == scenes
