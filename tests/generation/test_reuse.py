"""The same request in its scope is made once, and only there."""

from __future__ import annotations

from typing import Any

import pytest

from generation import accounts, orders, services
from generation.models import Asset, Generation, LedgerEntry, ProviderAccount, ProviderSubmission
from generation.orders import From
from pixsim.lib.errors import Invalid
from pixsim.models import User

from .conftest import books_balance, order, picture_bytes, run
from .double import Clock, Double, Places
from .threads import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("account")]


def make(owner: User, clock: Clock, *args: Any, **more: Any) -> orders.Made:
    return orders.create(owner=owner, order=order(*args, **more), clock=clock)


@pytest.mark.django_db(transaction=True)
def test_100_simultaneous_same_requests_are_one_submission_one_charge_and_100_answers(author: User, clock: Clock, double: Double) -> None:
    made = at_once(10, lambda _: make(author, clock), range(100))
    assert len({one.generation.pk for one in made}) == 1, made
    assert sum(not one.reused for one in made) == 1
    assert (Generation.objects.count(), ProviderSubmission.objects.count(), LedgerEntry.objects.count()) == (1, 1, 1)
    run(clock, seconds=40)
    assert (len(double.ledger), double.paid, Generation.objects.get().status) == (1, 5000, "completed")
    again = at_once(10, lambda _: make(author, clock), range(20))
    assert all(one.reused and one.generation.asset_id for one in again), again
    assert len(double.ledger) == 1
    books_balance()


@pytest.mark.parametrize(
    "other",
    [
        {"prompt": "another"},
        {"inputs": {"prompt": "a harbor", "style": {"mood": "calm"}}},
        {"canonical_params": {"seed": 2}},
        {"operation_type": "text_to_video"},
        {"scope": "world/7/player/3", "strategy": "per_player"},
        {"action_block": {"pose": "leaning"}},
        {"world_id": 8},
    ],
    ids=lambda other: next(iter(other)),
)
def test_everything_the_result_depends_on_makes_another_request(author: User, clock: Clock, other: dict[str, Any]) -> None:
    assert make(author, clock, **other).generation.pk != make(author, clock).generation.pk


@pytest.mark.parametrize("same", [{"workspace_id": 5}, {"scene_context": {"scene_id": 2, "node_id": "x"}}, {"inputs": {"prompt": "a harbor"}}])
def test_what_the_result_does_not_depend_on_makes_none(author: User, clock: Clock, same: dict[str, Any]) -> None:
    first = make(author, clock)
    again = make(author, clock, **same)
    assert (again.generation.pk, again.reused) == (first.generation.pk, True)


def test_the_order_of_keys_and_the_form_of_numbers_do_not_matter(author: User, clock: Clock) -> None:
    first = make(author, clock, inputs={"prompt": "x", "duration_sec": 8, "style": {"a": 1, "b": 2}})
    again = make(author, clock, inputs={"style": {"b": 2.0, "a": 1}, "duration_sec": 8.0, "prompt": "x"})
    assert again.generation.pk == first.generation.pk


def test_always_is_never_reused(author: User, clock: Clock) -> None:
    first, second = (make(author, clock, strategy="always") for _ in range(2))
    assert not second.reused
    assert first.generation.pk != second.generation.pk
    run(clock, seconds=40)
    assert not make(author, clock, strategy="always").reused


def test_another_owner_makes_his_own(author: User, stranger: User, clock: Clock) -> None:
    accounts.create_account(owner=None, provider_id="double", key="sk-site-0001")
    first, other = make(author, clock), make(stranger, clock)
    run(clock, seconds=60)
    assert first.generation.pk != other.generation.pk
    assert {asset.owner_id for asset in Asset.objects.all()} == {author.pk, stranger.pk}
    assert not make(stranger, clock, "another").reused


def test_each_place_that_asked_gets_the_result(author: User, clock: Clock, places: Places) -> None:
    job = make(author, clock).generation
    make(author, clock, scene_context={"scene_id": 2, "node_id": "node5"})
    make(author, clock)
    run(clock, seconds=40)
    make(author, clock, scene_context={"scene_id": 3, "node_id": "node6"})
    run(clock, seconds=5)
    assert [context["scene_id"] for _, _, context in places.attached] == [1, 2, 3]
    assert Generation.objects.get(pk=job.pk).delivered_at is not None


def test_what_failed_is_made_anew_and_what_was_deleted_too(author: User, clock: Clock, double: Double) -> None:
    first = make(author, clock, "fails").generation
    run(clock, seconds=40)
    assert make(author, clock, "fails").generation.pk != first.pk
    done = make(author, clock, "good").generation
    run(clock, seconds=60)
    services.delete_asset(asset=Asset.objects.get())
    again = make(author, clock, "good")
    assert (again.reused, again.generation.pk != done.pk) == (False, True)


def test_a_picture_counts_by_its_content_and_is_uploaded_before_anything_is_sent(author: User, clock: Clock, double: Double) -> None:
    one = services.ensure_asset(owner=author, media_type="image", content=picture_bytes())
    twin = Asset.objects.create(owner=author, media_type="image", status="ready", sha256=one.sha256, file=one.file.name)
    other = services.ensure_asset(owner=author, media_type="image", content=picture_bytes(size=(50, 30)))
    first = make(author, clock, inputs={"prompt": "x", "first_frame_asset_id": one.pk}).generation
    assert make(author, clock, inputs={"prompt": "x", "first_frame_asset_id": twin.pk}).generation.pk == first.pk
    assert make(author, clock, inputs={"prompt": "x", "first_frame_asset_id": other.pk}).generation.pk != first.pk
    run(clock, seconds=40)
    assert double.uploads == [one.sha256, other.sha256]
    assert double.ledger[0].body["frames"][0].startswith(f"img/{one.sha256[:8]}")
    done = Generation.objects.get(pk=first.pk)
    assert [(row.kind, row.source_asset_id) for row in done.asset.lineage.all()] == [("prompt", None), ("first_frame", one.pk)]  # type: ignore[union-attr]


def test_lineage_names_the_person_and_the_expression(author: User, clock: Clock) -> None:
    face = services.ensure_asset(owner=author, media_type="image", content=picture_bytes())
    sources = (From(kind="expression", asset_id=face.pk, note="curious"), From(kind="npc", npc_id=10, npc_key="captain_mara"))
    job = make(author, clock, npc_id=10, sources=sources).generation
    run(clock, seconds=40)
    rows = Generation.objects.get(pk=job.pk).asset.lineage.all()  # type: ignore[union-attr]
    assert [(row.kind, row.source_asset_id, row.npc_key, row.note) for row in rows] == [
        ("prompt", None, "", "a harbor"), ("expression", face.pk, "", "curious"), ("npc", None, "captain_mara", "")
    ]  # fmt: skip


@pytest.mark.parametrize("asked", [{"prompt": "x", "first_frame_asset_id": 999}, "foreign", "clip"])
def test_a_frame_is_a_ready_picture_of_ones_own(author: User, stranger: User, clock: Clock, asked: Any) -> None:
    if asked == "foreign":
        asked = {"prompt": "x", "first_frame_asset_id": services.ensure_asset(owner=stranger, media_type="image", content=picture_bytes()).pk}
    elif asked == "clip":
        asked = {"prompt": "x", "first_frame_asset_id": Asset.objects.create(owner=author, media_type="video", status="ready").pk}
    with pytest.raises(Invalid) as refused:
        make(author, clock, inputs=asked)
    assert refused.value.errors[0].pointer == "/inputs/first_frame_asset_id"


@pytest.mark.parametrize(
    ("changes", "pointer", "words"),
    [
        ({"provider_id": "nobody"}, "/provider_id", "there are "),
        ({"operation_type": "smell"}, "/operation_type", "text_to_video"),
        ({"strategy": "twice"}, "/strategy", "per_player"),
        ({"inputs": {"prompt": ""}}, "/inputs/prompt", "needed"),
        ({"canonical_params": {"quality": "8k"}}, "/canonical_params/quality", "no 8k"),
    ],
)
def test_what_cannot_be_made_is_said_where_it_stands(author: User, clock: Clock, changes: dict[str, Any], pointer: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        make(author, clock, **changes)
    assert refused.value.errors[0].pointer == pointer
    assert words in refused.value.errors[0].message
    assert not Generation.objects.exists()


def test_an_estimate_says_the_cost_the_reuse_and_what_is_missing(author: User, stranger: User, clock: Clock, account: ProviderAccount) -> None:
    found = orders.estimate(owner=author, order=order())
    assert (found.milli, found.reuse, found.account_needed, found.why, found.problems) == (5000, None, True, "", ())
    assert "There is no account for Double" in orders.estimate(owner=stranger, order=order()).why
    make(author, clock)
    run(clock, seconds=40)
    found = orders.estimate(owner=author, order=order())
    assert (found.milli, found.reuse) == (0, Asset.objects.get())
    with pytest.raises(Invalid, match="There is no account for Double"):
        make(stranger, clock)
    assert orders.estimate(owner=author, order=order(canonical_params={"quality": "8k"})).problems[0].pointer == "/canonical_params/quality"
