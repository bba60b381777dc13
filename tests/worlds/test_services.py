"""What `authored`, releases and the world's clock promise."""

from __future__ import annotations

from typing import Any

import pytest

from generation.models import Asset
from npcs.models import Npc
from pixsim.lib.errors import Invalid, NotFound, PreconditionFailed
from pixsim.models import User
from worlds import services
from worlds.models import Location, World, WorldAsset, WorldHistory, WorldRelease
from worlds.services import authored, create_location, free_key, make_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def harbor(world: World, author: User) -> Location:
    return create_location(world=world, actor=author, data={"name": "Harbor Docks", "key": "harbor"})


def parts(world: World) -> list[tuple[str, bool, bool]]:
    """Every row of history: the part, whether there was something before, whether after; oldest first."""
    return [(row.part, row.before is not None, row.after is not None) for row in WorldHistory.objects.filter(world=world).order_by("pk")]


def test_a_new_world_has_a_clock_and_a_first_row_of_history(world: World) -> None:
    assert world.state.world_time == 0
    assert (world.draft_version, parts(world)) == (1, [("world", False, True)])


def test_a_change_counts_the_draft_up_and_keeps_before_and_after(world: World, harbor: Location, author: User) -> None:
    version = world.draft_version
    with authored(world, author, harbor):
        harbor.name = "Old Docks"
        harbor.save()
    world.refresh_from_db()
    row = WorldHistory.objects.first()
    assert row is not None
    assert (world.draft_version, row.version, row.part, row.actor_id) == (version + 1, version + 1, "location/harbor", author.pk)
    assert (row.before["name"], row.after["name"]) == ("Harbor Docks", "Old Docks")
    assert Location.objects.get().version == 2


def test_what_changes_nothing_bumps_nothing(world: World, harbor: Location, author: User) -> None:
    version, rows = world.draft_version, WorldHistory.objects.count()
    with authored(world, author, harbor, world):
        harbor.save()
    world.refresh_from_db()
    harbor.refresh_from_db()
    assert (world.draft_version, WorldHistory.objects.count(), harbor.version) == (version, rows, 1)


def test_raising_rolls_everything_back(world: World, harbor: Location, author: User) -> None:
    version = world.draft_version
    with pytest.raises(RuntimeError), authored(world, author, harbor):
        harbor.name = "Nowhere"
        harbor.save()
        raise RuntimeError
    world.refresh_from_db()
    assert (Location.objects.get().name, world.draft_version) == ("Harbor Docks", version)


def test_a_change_forgets_the_draft_release(world: World, harbor: Location, author: User) -> None:
    make_release(world=world, document={"a": 1}, ids={}, actor=author, publish=False)
    assert World.objects.get().draft is not None
    with authored(world, author, harbor):
        harbor.x = 5
        harbor.save()
    assert World.objects.get().draft is None


def test_a_renamed_key_is_remembered_and_both_names_have_history(world: World, harbor: Location, author: User) -> None:
    with authored(world, author, harbor):
        harbor.key = "docks"
        harbor.save()
    assert parts(world)[-2:] == [("location/harbor", True, False), ("location/docks", False, True)]
    assert World.objects.get().renamed == {"harbor": "docks"}
    with authored(world, author, harbor):
        harbor.key = "harbor"
        harbor.save()
    assert World.objects.get().renamed == {"docks": "harbor"}


def test_deleting_keeps_what_went_with_it(world: World, harbor: Location, author: User) -> None:
    from npcs.bundle import npc_part
    from worlds import history

    history.register(Npc, npc_part)
    npc = Npc.objects.create(world=world, key="mara", name="Mara", home_location=harbor)
    services.delete_location(location=harbor, actor=author)
    npc.refresh_from_db()
    assert npc.home_location is None
    assert set(parts(world)[-2:]) == {("location/harbor", True, False), ("npc/mara", True, True)}


def test_expected_versions_are_those_of_the_first_row_else_of_the_world(world: World, harbor: Location, author: User) -> None:
    with pytest.raises(PreconditionFailed) as caught, authored(world, author, harbor, expected={7}):
        pass
    assert caught.value.extra == {"current_version": 1}
    with authored(world, author, harbor, expected={1, 7}):
        pass
    with pytest.raises(PreconditionFailed), authored(world, author, expected={99}):
        pass


def test_rows_are_read_again_under_the_lock_and_a_gone_one_is_not_found(world: World, harbor: Location, author: User) -> None:
    Location.objects.update(name="Meanwhile")
    with authored(world, author, harbor):
        assert harbor.name == "Meanwhile"
    Location.objects.all().delete()
    with pytest.raises(NotFound), authored(world, author, harbor):
        pass


def test_others_hear_of_a_change_after_the_commit(world: World, harbor: Location, author: User, django_capture_on_commit_callbacks: Any) -> None:
    heard: list[dict[str, Any]] = []

    def hear(sender: Any, signal: Any, **facts: Any) -> None:
        heard.append(facts)

    services.authored_changed.connect(hear)
    with django_capture_on_commit_callbacks(execute=True), authored(world, author, harbor):
        harbor.x = 3
        harbor.save()
    assert heard == [{"world_id": world.pk, "version": world.draft_version, "parts": ["location/harbor"], "actor_id": author.pk}]


def test_the_same_document_is_the_same_release(world: World, author: User) -> None:
    first = make_release(world=world, document={"a": 1, "b": 2.0}, ids={"locations": {"x": 1}}, actor=author, publish=False)
    again = make_release(world=world, document={"b": 2, "a": 1}, ids={"locations": {"x": 2}}, actor=author, publish=True)
    assert (first.pk, again.ids_version, again.ids, again.number) == (again.pk, 2, {"locations": {"x": 2}}, 1)
    other = make_release(world=world, document={"a": 2}, ids={}, actor=author, publish=True)
    assert other.number == 2
    back = make_release(world=world, document={"a": 1, "b": 2}, ids={"locations": {"x": 2}}, actor=author, publish=True)
    assert (back.number, back.ids_version, World.objects.get().published_id) == (1, 2, back.pk)
    assert WorldRelease.objects.count() == 2


def test_the_clock_moves_and_stays_in_bounds(world: World) -> None:
    assert services.advance_world_time(world=world, by=3600) == (0, 3600)
    assert services.set_world_time(world=world, to=57_600) == (3600, 57_600)
    for pointer, move in (
        ("/advance_by_sec", lambda: services.advance_world_time(world=world, by=-57_601)),
        ("/set_to", lambda: services.set_world_time(world=world, to=10**12)),
    ):
        with pytest.raises(Invalid) as caught:
            move()
        assert caught.value.errors[0].pointer == pointer
    assert services.advance_world_time(world=world, by=0) == (57_600, 57_600)


def test_an_asset_gets_one_name_in_a_world(world: World, author: User) -> None:
    dawn = Asset.objects.create(owner=author, media_type="video", label="Harbor, dawn")
    other = Asset.objects.create(owner=author, media_type="video", label="Harbor dawn")
    nameless = Asset.objects.create(owner=author, media_type="video")
    names = [services.world_asset_key(world, asset) for asset in (dawn, other, dawn, nameless)]
    assert names == ["harbor_dawn", "harbor_dawn_2", "harbor_dawn", f"asset_{nameless.pk}"]
    assert WorldAsset.objects.count() == 3


@pytest.mark.parametrize(
    ("name", "taken", "key"),
    [
        ("The Rusty Anchor Tavern", [], "the_rusty_anchor_tavern"),
        ("Tavern", ["tavern", "tavern_2"], "tavern_3"),
        ("酒館", [], "thing"),
        ("x" * 300, [], "x" * 74),
    ],
)
def test_keys_are_made_from_names(name: str, taken: list[str], key: str) -> None:
    assert free_key(name, taken) == key


def test_a_change_costs_few_queries(world: World, harbor: Location, author: User, django_assert_max_num_queries: Any) -> None:
    # savepoint, lock, refresh | the part before | save | the part after | version | history, draft | release
    with django_assert_max_num_queries(14), authored(world, author, harbor):
        harbor.x = 8
        harbor.save()
