"""Memories: kept, refreshed, faded, evicted and recalled – the same way every time."""

from __future__ import annotations

import pytest

from npcs.memory import LIMIT, SHORT_TERM_SEC, Memory, about, alive, known_to, recall, recall_by, remember, retold, strength

HOUR = 3600


def test_a_record_comes_back_from_its_json_unchanged():
    memory = Memory(topic="work", summary="Wants work.", importance=6, at=120, kind="long", mood="friendly", witnessed=False)
    assert Memory.parse(memory.as_json()) == memory


@pytest.mark.parametrize(("given", "kept"), [(0, 1), (-3, 1), (5, 5), (11, 10), (6.6, 7)])
def test_importance_is_clamped_to_one_to_ten(given, kept):
    assert Memory.parse({"topic": "a", "importance": given}).importance == kept


def test_what_matters_lasts_without_being_told_to():
    assert Memory.parse({"topic": "a", "importance": 7}).kind == "long"
    assert Memory.parse({"topic": "a", "importance": 6}).kind == "short"
    assert Memory.parse({"topic": "a", "importance": 9, "kind": "short"}).kind == "short"


def test_a_short_memory_fades_over_a_day_of_world_time():
    memory = Memory(topic="a", summary="b", at=1000)
    assert strength(memory, world_time=1000) == 1
    assert strength(memory, world_time=1000 + SHORT_TERM_SEC // 2) == pytest.approx(0.5)
    assert alive([memory], world_time=1000 + SHORT_TERM_SEC - 1) == (memory,)
    assert alive([memory], world_time=1000 + SHORT_TERM_SEC) == ()


def test_a_long_memory_stays():
    memory = Memory(topic="a", summary="b", kind="long")
    assert alive([memory], world_time=1000 * SHORT_TERM_SEC) == (memory,)


def test_the_same_thing_told_twice_is_one_refreshed_memory():
    first = Memory(topic="work", summary="Wants work.", importance=6, at=0)
    again = Memory(topic="work", summary="Wants work.", importance=4, at=HOUR)
    (kept,) = remember([first], again, world_time=HOUR)
    assert (kept.at, kept.importance) == (HOUR, 6)


def test_faded_memories_are_dropped_when_something_new_comes():
    old = Memory(topic="old", summary="x", at=0)
    new = Memory(topic="new", summary="y", at=SHORT_TERM_SEC + 1)
    assert remember([old], new, world_time=SHORT_TERM_SEC + 1) == (new,)


def test_at_most_forty_are_kept_and_the_weakest_goes():
    kept: tuple[Memory, ...] = ()
    for number in range(LIMIT):
        kept = remember(kept, Memory(topic=f"t{number}", summary="x", importance=5, kind="long", at=number), world_time=number)
    weak = Memory(topic="weak", summary="x", importance=1, kind="long", at=0)
    assert weak not in remember(kept, weak, world_time=LIMIT)
    strong = Memory(topic="strong", summary="x", importance=9, kind="long", at=LIMIT)
    after = remember(kept, strong, world_time=LIMIT)
    assert len(after) == LIMIT
    assert after[-1] == strong
    assert "t0" not in {memory.topic for memory in after}  # among equals the oldest


def test_eviction_is_deterministic_whatever_the_order_of_equals():
    records = [Memory(topic=topic, summary="x", importance=5, kind="long", at=0) for topic in "dacb"]
    new = Memory(topic="e", summary="x", importance=5, kind="long", at=0)
    kept = remember(records, new, world_time=0, limit=3)
    turned = remember(reversed(records), new, world_time=0, limit=3)
    assert {memory.topic for memory in kept} == {memory.topic for memory in turned} == {"c", "d", "e"}


def test_recall_prefers_what_was_asked_about_then_what_matters():
    tax = Memory(topic="harbor_tax", summary="Complained about the tax.", importance=2)
    work = Memory(topic="work", summary="Wants work.", importance=6)
    grave = Memory(topic="murder", summary="Saw the body.", importance=10)
    assert recall([tax, work, grave], world_time=0, tags=["harbor tax"])[0] == tax
    assert recall([tax, work, grave], world_time=0)[0] == grave
    assert len(recall([tax, work, grave], world_time=0, limit=2)) == 2


def test_the_faded_are_not_recalled():
    assert recall([Memory(topic="a", summary="b", at=0)], world_time=SHORT_TERM_SEC, tags=["a"]) == ()


# -- who knows what ---------------------------------------------------------------------------------------------------


def test_one_knows_what_one_saw_and_nothing_of_what_others_keep():
    hers = Memory(topic="work", summary="Wants work.", importance=6, witnesses=("ren",))
    secret = Memory(topic="smuggling", summary="Knows about the cellar.", kind="long")
    minds = {"mara": (hers, secret), "ren": (Memory(topic="bread", summary="Paid for bread."),)}
    assert known_to("mara", minds) == (hers, secret)
    bread, seen = known_to("ren", minds)
    assert (bread.topic, bread.source) == ("bread", "own")
    assert (seen.topic, seen.of, seen.source, seen.importance) == ("work", "mara", "overheard", 4)
    assert known_to("jorin", minds) == ()


def test_what_is_told_fades_weighs_less_and_names_its_teller():
    lasting = Memory(topic="debt", summary="Owes forty silver.", importance=9, kind="long", at=10)
    heard = retold(lasting, teller="mara", at=500, mood="wary")
    assert (heard.importance, heard.kind, heard.at, heard.told_by, heard.source) == (8, "short", 500, "mara", "told")
    assert heard.fades_at == 500 + SHORT_TERM_SEC
    assert lasting.fades_at is None


def test_who_sees_for_himself_what_he_was_told_no_longer_has_it_from_anybody():
    told = Memory(topic="debt", summary="Owes silver.", witnessed=False, told_by="mara")
    seen = Memory(topic="debt", summary="Owes silver.", at=60, witnesses=("ren",))
    (kept,) = remember([told], seen, world_time=60)
    assert (kept.witnessed, kept.told_by, kept.witnesses) == (True, "", ("ren",))


def test_a_topic_is_found_by_its_words():
    memories = [Memory(topic="work_opportunity", summary="a"), Memory(topic="bread", summary="b")]
    assert [memory.topic for memory in about(memories, "work")] == ["work_opportunity"]
    assert about(memories, "") == tuple(memories)


def test_another_way_of_recalling_can_be_plugged_in():
    class Oldest:
        def recall(self, memories, *, world_time, tags, limit):
            return tuple(sorted(memories, key=lambda memory: memory.at)[:limit])

    memories = [Memory(topic="new", summary="a", importance=9, at=50), Memory(topic="old", summary="b", importance=1, at=1)]
    before = recall_by(Oldest())
    try:
        assert recall(memories, world_time=60, limit=1)[0].topic == "old"
    finally:
        recall_by(before)
    assert recall(memories, world_time=60, limit=1)[0].topic == "new"
