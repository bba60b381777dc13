"""The Harbor District played through: every ending, and between all plays every edge, choice, interaction, hotspot and discovery."""

from __future__ import annotations

import itertools
from functools import cache

import pytest

from sessions.engine.state import Emotion, Placement
from tests.scenes.harbor_player import Player, Seen, harbor_district


def find_the_book(seen: Seen) -> Player:
    """From the packet boat to Pell's book, read: what most plays share."""
    player = Player(seen).choose("edge2c", "edge2a", "catch").go_on_to("node3")
    player.talk("ren", "trade_talk", "not_watch").choose("leave")
    player.at("harbor").hotspot("harbor_office").choose("read", "go_down", "leave")
    player.at("market").hotspot("stalls").choose("bread", "bread", "listen", "leave")
    player.talk("ren", "bread", "bread", "smile", "coat", "see_book", "bye")
    player.at("tavern").hotspot("back_table").choose("missing", "hidden", "swapped").go_on()
    assert {"has_book", "read_book"} <= player.state.flags
    return player


def into_nine(player: Player, *, door: str, way_out: str) -> Player:
    player.at("harbor", 21).hotspot("warehouse_nine").choose(door, "taste", way_out).go_on()
    assert "seen_nine" in player.state.flags
    return player


def by_the_book(seen: Seen) -> Player:
    player = find_the_book(seen)
    player.at("market", 10).talk("jorin", "warm", "help", "here", "done", interaction="show_papers")
    player.interact("jorin", "offer_watch").choose("cover").go_on()
    player.at("market", 16).talk("jorin", "rules", "thanks", "pell", "bye")
    player.at("market", 10).interact("jorin", "offer_watch").choose("tell").go_on()
    player.at("tavern", 18).talk("jorin", "sit", "father", "believe", "pass", "bye")
    player.talk("jorin", "dace", "fever", "ren", "today", interaction="ask_rumors")
    into_nine(player, door="pass", way_out="bluff")
    player.at("market", 10).talk("jorin", "evidence")
    player.at("harbor", 20).hotspot("mole_lamp").choose("to_watch").go_on()
    return player


def on_the_tide(seen: Seen) -> Player:
    player = find_the_book(seen)
    player.at("market", 12).interact("captain_mara", "trade").choose("fair", "rope", "leave")
    player.talk("captain_mara", "coin", "adventure", "view", "ship", "pell", "sky", "bye")
    player.talk("captain_mara", "harbormaster", "unwritten", "sergeant", "fever", "boots", interaction="ask_rumors")
    player.talk("captain_mara", "navy", "cargo")
    into_nine(player, door="rope", way_out="swim")
    player.at("market", 12).talk("captain_mara", "proof")
    player.at("harbor", 20).hotspot("mole_lamp").choose("not_yet").hotspot("mole_lamp").choose("to_mara").go_on()
    return player


def in_ash(seen: Seen) -> Player:
    player = find_the_book(seen)
    player.at("harbor", 8).hotspot("quay_crane").choose("carry").go_on()
    player.at("market", 17).talk("ren", "way_in", "sleep", "bye").interact("ren", "fence").choose("rum", "learn", "leave")
    player.at("harbor", 8).hotspot("quay_crane").choose("carry").go_on()
    player.at("market", 17).interact("ren", "fence").choose("key", "rope", "leave")
    player.talk("ren", "hask", "nine", "mara", "jorin", "new", interaction="ask_rumors")
    into_nine(player, door="key", way_out="slip")
    player.at("market", 9).talk("ren", "burn")
    player.at("harbor", 20).hotspot("mole_lamp").choose("to_ren").go_on()
    return player


def for_a_price(seen: Seen) -> Player:
    """The rude way: the Watch called, an apology, the book bought, the watchman's cough eased, and all of it sold."""
    player = Player(seen).choose("edge2a", "shout").go_on().at("harbor").hotspot("enter_tavern").skip().choose("edge3a", "edge3c")
    player.hotspot("bar").choose("ask_pell", "eat", "rum", "leave").hotspot("stairs").choose("nap").go_on().hotspot("stairs").choose("leave")
    player.at("harbor").hotspot("harbor_office").choose("read", "leave").hotspot("quay_crane").choose("decline")
    player.at("harbor", 6).hotspot("quay_crane").choose("sweep").go_on()
    player.at("market", 12).interact("captain_mara", "trade").choose("rum", "leave").at("tavern").hotspot("bar").choose("ask_hask", "leave")
    for _ in range(4):
        player.hotspot("stairs").choose("night").go_on()
        player.at("harbor", 6).hotspot("quay_crane").choose("carry").go_on().at("tavern")
    player.at("market", 14).hotspot("stalls").choose("bread", "bread", "bread", "rope", "leave")
    player.talk("ren", "gift", "sorry", "go", interaction="make_amends").talk("ren", "bread", "bread", "smile", "trade_talk", "coat", "buy_book")
    player.at("tavern").hotspot("back_table").choose("later").hotspot("back_table").choose("swapped").go_on()
    player.at("harbor", 21).hotspot("warehouse_nine").choose("retreat").hotspot("warehouse_nine").choose("bribe", "taste", "swim").go_on()
    player.at("harbor", 20).hotspot("mole_lamp").choose("to_dace").go_on()
    return player


def evening_with_mara(seen: Seen, way: str) -> Player:
    """Affinity by work and fair trade, chemistry by looking; the mole after dark."""
    player = Player(seen).choose("edge2c", "edge2b").skip().talk("captain_mara", "coin").choose("edge3b", "edge_rest")
    player.talk("captain_mara", "ship", "sky").hotspot("market_arch").hotspot("tavern_lane").hotspot("door_out")
    player.at("market", 12).interact("captain_mara", "trade").choose("fair", "rope", "sell_rope", "leave")
    player.talk("captain_mara", "coin", "view").talk("captain_mara", "braid", "drink", "mole", interaction="flirt")
    player.talk("captain_mara", "view").talk("captain_mara", "stay", "ease", interaction="flirt")
    player.at("harbor", 18).hotspot("mole_walk").choose(way).go_on()
    return player


def evening_with_ren(seen: Seen, way: str) -> Player:
    player = Player(seen).choose("edge2a", "let").go_on_to("node3").choose("leave")
    player.hotspot("stalls").choose("bread", "bread", "bread", "leave").talk("ren", "bread", "bread", "not_watch")
    for _ in range(4):
        player.talk("ren", "smile").at("market", (player.hour + 3) if player.hour < 16 else 8)
    player.interact("ren", "fence").choose("learn", "leave").talk("ren", "bread", "smile").at("market", 8)
    player.talk("ren", "smile", "trade_talk").talk("ren", "purse", "gloves", "still_you", "ease", interaction="flirt")
    player.talk("ren", "roof").at("market", 18).hotspot("drainpipe").choose(way).go_on()
    player.hotspot("market_gate")
    return player


def evening_with_jorin(seen: Seen, way: str) -> Player:
    player = Player(seen).choose("edge2a", "shout").go_on().at("market", 10)
    player.talk("jorin", "here", interaction="show_papers").interact("jorin", "offer_watch").choose("tell").go_on()
    for _ in range(3):
        player.at("market", 16).talk("jorin", "thanks", "rules", "sit").at("tavern", 19).talk("jorin", "sit")
    player.talk("jorin", "father").talk("jorin", "button", "report", "wall", "ease", interaction="flirt")
    player.at("market", 10).talk("jorin", "thanks", "supper").at("tavern", 18).hotspot("supper_table").choose(way).go_on()
    return player


ENDINGS = {"ending_watch": by_the_book, "ending_tide": on_the_tide, "ending_ash": in_ash, "ending_sold": for_a_price}


@pytest.mark.parametrize("ending", ENDINGS)
def test_each_ending_can_be_played(ending):
    player = ENDINGS[ending](Seen())
    assert {ending, "story_over"} <= player.state.flags
    assert "has_book" not in player.state.flags
    assert player.state.inventory.get("tally_book", 0) == 0
    assert player.state.at is None
    player.at("harbor", 15)  # and life goes on


@pytest.mark.parametrize(
    ("evening", "ways", "person", "flag"),
    [
        (evening_with_mara, ("kiss", "stand"), "captain_mara", "walked_the_mole"),
        (evening_with_ren, ("kiss", "stay"), "ren", "seen_the_roofs"),
        (evening_with_jorin, ("touch", "ask"), "jorin", "shared_supper"),
    ],
)
def test_each_evening_can_be_spent_two_ways(evening, ways, person, flag):
    closer, kinder = (evening(Seen(), way) for way in ways)
    assert flag in closer.state.flags & kinder.state.flags
    assert (closer.rel(person, "intimacy_level"), kinder.rel(person, "intimacy_level")) == (1, 0)
    assert kinder.rel(person, "trust") > closer.rel(person, "trust") - 3


@cache
def everything() -> Seen:
    seen = Seen()
    for play in ENDINGS.values():
        play(seen)
    for evening, ways in ((evening_with_mara, ("kiss", "stand")), (evening_with_ren, ("kiss", "stay")), (evening_with_jorin, ("touch", "ask"))):
        for way in ways:
            evening(seen, way)
    return seen


def test_between_them_the_plays_take_every_edge_and_enter_every_node():
    scenes = harbor_district().document["scenes"]
    assert {f"edge/{scene['key']}/{edge['key']}" for scene in scenes for edge in scene["edges"]} - everything().edges == set()
    assert {f"{scene['key']}/{node['key']}" for scene in scenes for node in scene["nodes"]} - everything().nodes == set()


def test_between_them_the_plays_say_everything_there_is_to_say():
    world = harbor_district()
    written = {(npc, found.id, choice) for npc in world.npc_keys for found in world.interactions(npc).values() for choice in found.choices}
    assert written - everything().said == set()


def test_between_them_the_plays_use_every_interaction_and_hotspot():
    world = harbor_district()
    assert {(npc, key) for npc in world.npc_keys for key in world.interactions(npc)} - everything().interactions == set()
    assert {hotspot.key for hotspot in world.hotspots} - everything().hotspots == set()


def test_between_them_the_plays_discover_everything():
    assert set(harbor_district().flags) - everything().flags == set()


@pytest.mark.parametrize("person", ["captain_mara", "jorin", "ren"])
def test_two_hundred_talks_in_four_tiers_and_five_moods_give_sixty_lines_and_never_one_twice_in_a_row(person):
    player = Player().choose("edge2a", "catch").go_on_to("node3").choose("leave")
    said = []
    for number in range(200):
        affinity, mood = (5, 30, 55, 75)[number % 4], ("neutral", "happy", "angry", "curious", "sad")[number % 5]
        now = player.state.world_time + 1800
        player.state = player.state._replace(
            world_time=now,
            placed={person: Placement("market", None)},
            rel={**player.state.rel, person: {**player.state.rel.get(person, {}), "affinity": affinity}},
            emotions={person: (Emotion(mood, 0.9, 600, now),)},
        )
        said.append(player.interact(person, "talk").line)
    assert len(set(said)) >= 60
    assert all(line != following for line, following in itertools.pairwise(said))
