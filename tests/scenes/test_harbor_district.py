"""The Harbor District: its folder is sound, and it plays as the walkthrough tells it – to each of its four endings."""

from __future__ import annotations

import json
import re
from collections import deque

import pytest
from django.utils import timezone

from generation import recipes
from generation.queries import due_renders
from npcs import checks as npc_checks
from pixsim.lib.canonical import canonical_json
from pixsim.lib.errors import NotAvailable
from pixsim.models import User
from scenes import bundle
from scenes import checks as scene_checks
from sessions.engine.view import Ids, view
from tests.scenes.harbor_player import FOLDER, Player, harbor_district
from worlds import checks as world_checks
from worlds.archive import dump
from worlds.rules.conditions import Context, compile_gate
from worlds.rules.effects import Declarations, compile_effects

PEOPLE = ("captain_mara", "jorin", "ren")
EXPRESSIONS = {"neutral", "happy", "angry", "curious", "sad"}
DOCUMENT = harbor_district().document
ASSETS = {asset["key"]: asset for asset in DOCUMENT["assets"]}
SCENES = {scene["key"]: scene for scene in DOCUMENT["scenes"]}
NPCS = {npc["key"]: npc for npc in DOCUMENT["npcs"]}
PLACES = {place["key"]: place for place in DOCUMENT["locations"]}
MANIFEST = DOCUMENT["world"]["meta"]["manifest"]


def walk(value, path=""):
    """Every object in a JSON value, with its path."""
    if isinstance(value, dict):
        yield path, value
        for key, inner in value.items():
            yield from walk(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, f"{path}/{index}")


def node_keys(scene):
    return {node["key"] for node in scene["nodes"]}


# -- the folder -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.json")), ids=lambda file: file.relative_to(FOLDER).as_posix())
def test_every_file_is_readable_json_in_the_one_form(file):
    assert file.read_bytes() == dump(json.loads(file.read_text()))


def test_every_edge_leads_somewhere():
    for key, scene in SCENES.items():
        assert scene["entry_node"] in node_keys(scene), key
        for edge in scene["edges"]:
            assert edge["from"] in node_keys(scene), (key, edge)
            assert ("to" in edge) != ("to_scene" in edge), (key, edge)
            assert edge.get("to", scene["entry_node"]) in node_keys(scene), (key, edge)
            assert edge.get("to_scene", key) in SCENES, (key, edge)


def test_every_scene_is_bound_to_things_that_exist():
    for key, scene in SCENES.items():
        assert scene.get("location", "harbor") in PLACES, key
        assert scene.get("npc", "ren") in NPCS, key
    assert [key for key, scene in SCENES.items() if scene["is_entry"]] == ["harbor_intro"]


def test_every_node_is_reached_from_its_entry_and_finds_a_way_out():
    for key, scene in SCENES.items():
        out = {}
        for edge in scene["edges"]:
            out.setdefault(edge["from"], []).append(edge)
        found, queue = set(), deque([scene["entry_node"]])
        while queue:
            node = queue.popleft()
            if node not in found:
                found.add(node)
                queue.extend(edge["to"] for edge in out.get(node, ()) if "to" in edge)
        assert found == node_keys(scene), key
        for node in scene["nodes"]:
            leaves = node["kind"] == "end" or "sceneConfig" in node["meta"]
            assert leaves != bool(out.get(node["key"])), (key, node["key"])


def test_nobody_is_ever_shut_in():
    """A node that waits has an edge nothing can lock, or an automatic one."""
    for key, scene in SCENES.items():
        for node in scene["nodes"]:
            edges = [edge for edge in scene["edges"] if edge["from"] == node["key"]]
            locks = [edge.get("conditions") or edge.get("meta") for edge in edges]
            assert not edges or not all(locks), (key, node["key"])


def test_every_scene_is_played_from_somewhere():
    called = {"harbor_intro"}
    for _, found in walk([DOCUMENT["hotspots"], DOCUMENT["npcs"], DOCUMENT["scenes"], MANIFEST]):
        called |= {found.get("to_scene"), found.get("scene")}
    assert set(SCENES) <= called


def test_every_asset_named_is_there_and_every_asset_there_is_named():
    named = {DOCUMENT["world"]["poster"]}
    for _, found in walk([DOCUMENT["locations"], DOCUMENT["scenes"], DOCUMENT["npcs"]]):
        named |= {found[key] for key in ("asset", "picture", "still") if isinstance(found.get(key), str)}
    assert named == set(ASSETS)


def test_every_recipe_can_be_made():
    for key, asset in ASSETS.items():
        assert recipes.problems(asset["recipe"]) == [], key
        assert recipes.media_type_of(asset["recipe"]) == asset["media_type"], key


def test_what_a_thing_shows_is_of_the_right_kind():
    for key, scene in SCENES.items():
        for node in scene["nodes"]:
            assert ASSETS[node.get("asset", "harbor_dawn")]["media_type"] == "video", (key, node["key"])
            assert ASSETS[node["meta"].get("still", "harbor_still")]["media_type"] == "image", (key, node["key"])
            captions = node["meta"].get("captions", [])
            assert bool(captions) == ("asset" in node), (key, node["key"])
            assert all(caption["start"] < caption["end"] <= 8 for caption in captions)
    for place in PLACES.values():
        assert (ASSETS[place["asset"]]["media_type"], ASSETS[place["picture"]]["media_type"]) == ("gltf", "image")


def test_whoever_waits_for_the_player_has_words_and_a_picture():
    for key, scene in SCENES.items():
        for node in scene["nodes"]:
            if node["kind"] not in ("end", "scene"):
                assert node["meta"].get("text"), (key, node["key"])
                assert node["meta"].get("still"), (key, node["key"])


def test_every_condition_and_effect_is_understood_and_names_what_exists():
    world = harbor_district()
    known = Declarations(world.axes, world.drive_axes, world.stats, world.items, True)
    moods = EXPRESSIONS | {"friendly", "excited", "anxious", "tired"}
    for path, found in walk(DOCUMENT):
        for name in ("conditions", "gating"):
            gate = found.get(name) or {}
            compile_gate(gate, Context(axes=world.axes))
            assert set(gate.get("location", ())) <= set(PLACES), path
            assert set(gate.get("mood", ())) <= moods, path
            assert {flag.lstrip("!") for flag in gate.get("flags", ())} <= set(MANIFEST["flags"]), path
            assert set(gate.get("inventory", ())) <= set(MANIFEST["items"]), path
            for seen in gate.get("seen", ()):
                scene, _, node = seen.lstrip("!").partition("/")
                assert node in node_keys(SCENES[scene]), path
        effects = found.get("effects") or {}
        compile_effects(effects, known)
        assert {flag.lstrip("!") for flag in effects.get("flags", ())} <= set(MANIFEST["flags"]), path
        for part in ("relationships", "place", "emotion", "drives", "memory"):
            assert {who.removeprefix("npc:") for who in effects.get(part, ())} <= {*PEOPLE, "npc"}, path
        for who in effects.get("emotion", {}).values():
            assert who["label"] in moods, path


def test_every_flag_has_a_title_and_is_set_somewhere():
    set_somewhere = {flag for _, found in walk(DOCUMENT) for flag in (found.get("effects") or {}).get("flags", ()) if flag[0] != "!"}
    assert set_somewhere == set(MANIFEST["flags"])
    assert MANIFEST["flags"]["visited_tavern"]["title"] == "Tavern Regular"


def test_hotspots_stand_on_named_objects_and_lie_inside_the_picture():
    seen = set()
    for hotspot in DOCUMENT["hotspots"]:
        place = PLACES[hotspot["location"]]
        named = hotspot["target"]["mesh"]["object_name"]
        assert named in ASSETS[place["asset"]]["recipe"]["objects"], hotspot["key"]
        assert (place["key"], named) not in seen, hotspot["key"]
        seen.add((place["key"], named))
        box = hotspot["region"]
        assert min(box.values()) >= 0
        assert box["x"] + box["width"] <= 1
        assert box["y"] + box["height"] <= 1
        assert hotspot["meta"]["prompt_text"].endswith("?")


@pytest.mark.parametrize("key", PEOPLE)
def test_everybody_has_five_faces_cut_from_their_pictures(key):
    found = {expression["state"]: expression for expression in NPCS[key]["expressions"]}
    assert set(found) == EXPRESSIONS
    for state, expression in found.items():
        assert ASSETS[expression["asset"]]["recipe"]["expression"] == state
        assert expression["crop"] == {"x": 100, "y": 50, "width": 400, "height": 400}


@pytest.mark.parametrize("key", PEOPLE)
def test_everybodys_week_has_neither_gap_nor_overlap_and_room_for_meals_and_sleep(key):
    schedule = harbor_district().npc(key).schedule
    assert list(schedule.problems()) == []
    for day in range(1, 8):
        doing = [slot["activity"] for slot in NPCS[key]["schedule"] if day in slot["days"]]
        assert {"sleeping", "eating"} <= set(doing), (key, day)


@pytest.mark.parametrize("key", PEOPLE)
def test_nobody_starves_or_drops_in_the_first_fortnight(key):
    player = Player().choose("edge2a", "shout")
    for _ in range(14 * 12):
        player.at("harbor", (player.world.clock.at(player.state.world_time).second // 3600 + 2) % 24)
        for axis in player.world.drive_axes:
            assert player.world.drive(player.state, key, axis) < 85, (axis, player.state.world_time)


def test_spoken_lines_are_finished_sentences():
    for path, found in walk(DOCUMENT["npcs"]):
        text = found.get("text")
        if text is not None:
            assert re.search(r"[.?!”]$", text), (path, text)
            assert "  " not in text
            assert "*" not in text


def test_there_is_plenty_written_for_everybody():
    for key in PEOPLE:
        own = NPCS[key]["interaction_overrides"]
        assert len(own["talk"]["lines"]) >= 20
        for interaction in ("talk", "ask_rumors", "flirt"):
            assert own[interaction]["lines"], (key, interaction)
            assert len(own[interaction]["choices"]) >= 4, (key, interaction)
            assert all(choice["replies"] for choice in own[interaction]["choices"])


# -- as the walkthrough tells it --------------------------------------------------------------------------------------


def test_it_begins_at_the_docks_at_eight_with_the_clip_and_three_ways_to_go():
    player = Player()
    assert (player.state.at.scene, player.state.at.node, player.state.location) == ("harbor_intro", "node1", "harbor")
    assert player.world.clock.at(0).label == "Day 1, 8:00 AM"
    labels = [edge["label"] for edge in SCENES["harbor_intro"]["edges"] if edge["from"] == "node2"]
    assert labels == ["Visit the Market", "Head to the Tavern", "Explore the Docks"]
    assert player.open_edges() == {"edge2a", "edge2b", "edge2c"}


def test_exploring_the_docks_happens_once_and_leads_back():
    player = Player().choose("edge2c")
    assert "visited_harbor" in player.state.flags
    assert "asset" not in next(node for node in SCENES["harbor_intro"]["nodes"] if node["key"] == "node4")
    player.go_on()
    assert player.open_edges() == {"edge2a", "edge2b"}
    with pytest.raises(NotAvailable):
        player.choose("edge2c")


def test_head_to_the_tavern_talk_and_rest_as_printed():
    player = Player().choose("edge2b")
    assert (player.state.at.scene, player.state.at.node) == ("tavern_npc_encounter", "node1")
    assert (player.mood("captain_mara"), player.rel("captain_mara", "affinity")) == ("neutral", 30)

    player.skip().interact("captain_mara", "talk")
    assert player.line == "You're new around here. Looking for work, or just passing through?"
    talk = player.world.interactions("captain_mara")["talk"]
    assert [choice.label for choice in talk.choices.values()][:3] == [
        "I'm looking for adventure.",
        "I heard there's good coin to be made.",
        "Just admiring the view.",
    ]
    player.talk("captain_mara", "coin")
    assert player.line == "Smart. The sea provides for those who respect it. You seem like you've got a good head on your shoulders."
    assert (player.rel("captain_mara", "affinity"), player.mood("captain_mara")) == (35, "friendly")
    assert player.state.memories["captain_mara"][0].topic == "work_opportunity"
    assert sorted(player.state.flags) == ["visited_tavern"]

    player.choose("edge_rest")
    assert player.state.at is None
    assert (player.state.location, player.world.clock.at(player.state.world_time).label) == ("harbor", "Day 1, 4:00 PM")
    where = {key: player.world.location_of(player.state, key) for key in PEOPLE}
    assert where == {"captain_mara": "harbor", "ren": "market", "jorin": "market"}
    player.interact("captain_mara", "talk")
    assert re.search(r"\bwork\b", player.line, re.IGNORECASE)


def test_the_view_makes_mara_curious():
    player = Player().choose("edge2b").skip()
    player.talk("captain_mara", "view")
    assert player.mood("captain_mara") == "curious"


def test_rumors_open_with_the_five_points_and_flirting_at_forty():
    player = Player().choose("edge2b").skip()
    with pytest.raises(NotAvailable):
        player.interact("captain_mara", "ask_rumors")
    player.talk("captain_mara", "coin").interact("captain_mara", "ask_rumors")
    with pytest.raises(NotAvailable):
        player.interact("captain_mara", "flirt")


def test_jorin_will_not_talk_at_first_but_there_is_a_way_up():
    player = Player().choose("edge2c", "edge2b", "edge_rest").at("market")
    with pytest.raises(NotAvailable):
        player.talk("jorin", "rules")
    player.talk("jorin", "here", interaction="show_papers").interact("jorin", "offer_watch").choose("tell").go_on()
    player.at("tavern", 18).talk("jorin", "rules")
    assert player.rel("jorin", "affinity") >= 0


# -- what the player is shown -----------------------------------------------------------------------------------------


def shown(player):
    ids = Ids(dict.fromkeys(NPCS, 1), dict.fromkeys(PLACES, 1), dict.fromkeys(SCENES, 1))
    return view(player.world, player.state, ids=ids, media=lambda key: None)


def test_the_menu_reads_as_printed_with_talk_first_and_reasons_behind_what_is_locked():
    player = Player().choose("edge2b").skip()
    menu = {entry["label"]: entry["disabled_reason"] for entry in shown(player)["interactions"]}
    assert list(menu)[:3] == ["Talk", "Ask about rumors", "Flirt"]
    assert menu["Talk"] == ""
    assert menu["Ask about rumors"].startswith("Need affinity 35")
    assert menu["Flirt"].startswith("Need affinity 40")


def test_talk_offers_the_three_printed_choices_and_more_from_affinity_thirty_five():
    player = Player().choose("edge2b").skip().interact("captain_mara", "talk")
    choices = [choice["label"] for choice in shown(player)["dialogue"]["choices"] if choice["available"]]
    assert choices == ["I'm looking for adventure.", "I heard there's good coin to be made.", "Just admiring the view."]
    assert len(shown(player)["dialogue"]["choices"]) == 3
    player.talk("captain_mara", "coin")
    assert {"Tell me about the Plain Dealing.", "What does the sky say?"} <= {choice["label"] for choice in shown(player)["dialogue"]["choices"]}


def test_what_its_author_wants_hidden_while_locked_is_not_shown():
    player = Player().choose("edge2c").go_on().choose("edge2b").skip().choose("edge_rest")
    assert "mole_walk" not in {hotspot["hotspot_id"] for hotspot in shown(player)["hotspots"]}
    assert "mole_lamp" in {hotspot["hotspot_id"] for hotspot in shown(player)["hotspots"]}


# -- as rows ----------------------------------------------------------------------------------------------------------


def test_its_schemas_hold_and_its_problems_list_is_empty():
    assert bundle.errors(DOCUMENT) == []
    assert [*world_checks.problems(DOCUMENT), *npc_checks.problems(DOCUMENT), *scene_checks.problems(DOCUMENT)] == []


@pytest.mark.django_db
def test_stored_and_read_back_it_is_the_same_document():
    world = bundle.load_folder(FOLDER, owner=User.objects.create_user("author"))
    again, _ = bundle.document(world)
    assert canonical_json(again | bundle.beside(world)) == canonical_json(DOCUMENT)


@pytest.mark.django_db
def test_what_a_player_meets_first_is_rendered_first():
    bundle.load_folder(FOLDER, owner=User.objects.create_user("author"))
    labels = list(due_renders(timezone.now(), ("image",)).values_list("label", flat=True))
    assert labels[0] == DOCUMENT["world"]["poster"].replace("_", " ")
    assert labels.index("harbor still") < labels.index("tavern picture") < labels.index("mara neutral") < labels.index("ash still")
    assert due_renders(timezone.now(), ("video",)).first().label == "harbor dawn"
