"""The author's pages of made things, without JavaScript: what they cost, say, order, and to whom they do not exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from generation import accounts, budget, delivery, hints, sweep
from generation.models import Asset, AssetLineage, Generation
from generation.providers import registry
from generation.providers.base import MILLI
from generation.services import upload_asset
from npcs.models import Npc
from pixsim.models import User
from scenes.bundle import save_document
from scenes.models import SceneNode
from tests.documents import harbor
from tests.generation.conftest import picture_bytes
from tests.generation.double import Clock, Double, fetched
from tests.playing import account
from worlds.models import World

pytestmark = pytest.mark.django_db
PROMPT = "A foggy harbor at dawn. Ships bob gently in the water."


@pytest.fixture
def author() -> User:
    return account("anna", author=True)


@pytest.fixture
def world(author: User) -> World:
    return save_document(harbor(), owner=author)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def double(clock: Clock, author: User, monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    """A provider that costs five credits, with a key of the author's."""
    made = Double(clock)
    registry.register(made)
    monkeypatch.setattr(delivery, "fetch", fetched)
    monkeypatch.setattr(hints, "advance_soon", lambda *_, **__: None)
    monkeypatch.setattr("django.utils.timezone.now", clock)
    accounts.create_account(owner=author, provider_id="double", key="sk-double-0001")
    yield made
    registry.unregister(made.id)


@pytest.fixture
def page(author: User) -> Client:
    client = Client()
    client.force_login(author)
    return client


def node(world: World, key: str = "node1") -> SceneNode:
    return SceneNode.objects.get(scene__world=world, scene__key="harbor_intro", key=key)


def filled(world: World, **more: Any) -> dict[str, Any]:
    """The walkthrough's form."""
    given = {
        "form": "environment", "world": world.pk, "prompt": PROMPT, "time_of_day": "dawn", "weather": "foggy", "mood": "mysterious",
        "camera_movement": "slow pan", "duration_sec": "8", "quality": "high", "seed": "42", "provider_id": "double", "strategy": "once",
        "target": f"{node(world).scene_id}:node1", "action": "make",
    }  # fmt: skip
    return {**given, **more}


def send(page: Client, world: World, **more: Any) -> Any:
    return page.post("/control-center/", filled(world, **more), follow=True)


def work(clock: Clock, seconds: int = 60) -> None:
    for _ in range(seconds):
        sweep.run_due(clock)
        clock.pass_(seconds=1)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


# -- who ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/control-center/", "/control-center/fill/", "/control-center/budget/", "/assets/"])
def test_to_players_these_pages_do_not_exist(path: str) -> None:
    client = Client()
    assert client.get(path)["Location"].startswith("/login/")
    client.force_login(account("player"))
    assert client.get(path).status_code == 404


def test_to_another_author_this_ones_things_do_not_exist(page: Client, world: World, double: Double, author: User) -> None:
    send(page, world)
    asset = upload_asset(owner=author, file=SimpleUploadedFile("red.png", picture_bytes()))
    stranger = Client()
    stranger.force_login(account("otto", author=True))
    job = Generation.objects.get()
    for path in (
        f"/control-center/?world={world.pk}",
        f"/control-center/{job.pk}/",
        f"/control-center/fill/?world={world.pk}",
        f"/assets/{asset.pk}/",
    ):
        assert stranger.get(path).status_code == 404, path
    for path in ("/control-center/", "/control-center/estimate/", "/control-center/fill/"):
        assert stranger.post(path, filled(world)).status_code == 404, path
    assert stranger.post(f"/control-center/{job.pk}/change/", {"action": "cancel"}).status_code == 404
    assert stranger.post(f"/assets/{asset.pk}/", {"action": "delete"}).status_code == 404
    assert Generation.objects.get().status == "pending"
    assert Asset.objects.filter(pk=asset.pk).exists()


def test_without_a_world_it_says_what_to_do(page: Client) -> None:
    assert "You have no world yet" in text(page.get("/control-center/"))


# -- what it costs, before the click ------------------------------------------------------------------------------------


def test_the_cost_is_said_before_anything_is_ordered(page: Client, world: World, double: Double) -> None:
    shown = text(send(page, world, action="check"))
    assert "At most <b>5 credits</b> of the 100 left today." in shown
    assert PROMPT in shown
    assert not Generation.objects.exists()
    assert "At most <b>5 credits</b>" in text(page.post("/control-center/estimate/", filled(world)))
    assert "At most <b>5 credits</b>" in text(page.post("/control-center/estimate/", filled(world, prompt="")))


def test_who_has_no_key_hears_it_before_the_click_and_makes_it_here(page: Client, world: World, double: Double, clock: Clock, author: User) -> None:
    author.provider_accounts.all().delete()
    local = Double(clock, id="here", title="Here", local=True)
    registry.register(local)
    try:
        shown = text(page.get("/control-center/"))
        assert "There is no account for Double" in text(page.post("/control-center/estimate/", filled(world)))
        assert "<b>Free</b>" in text(page.post("/control-center/estimate/", filled(world, provider_id="here")))
    finally:
        registry.unregister("here")
    assert "Double – needs an account" in shown


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_ordered(page: Client, world: World, double: Double) -> None:
    answer = send(page, world, prompt="", duration_sec="900", provider_id="nobody")
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"prompt", "duration_sec", "provider_id"}
    assert not Generation.objects.exists()


def test_a_spent_budget_says_what_remains(page: Client, world: World, double: Double) -> None:
    budget.set_limit(world_id=world.pk, day_limit=3 * MILLI)
    assert "only 3 are left today" in text(send(page, world, action="check"))
    answer = send(page, world)
    assert answer.status_code == 422
    assert "3" in str(answer.context["form"].non_field_errors())
    assert not Generation.objects.filter(status="pending").exists()


# -- ordering and watching ----------------------------------------------------------------------------------------------


def test_the_walkthroughs_form_gives_a_clip_on_its_node(page: Client, world: World, double: Double, clock: Clock) -> None:
    answer = send(page, world)
    job = Generation.objects.get()
    assert answer.redirect_chain[-1][0].endswith(f"?world={world.pk}#job-{job.pk}")
    assert (job.operation_type, job.strategy, job.context) == ("video_transition", "once", {"scene_id": node(world).scene_id, "node_id": "node1"})
    assert job.inputs["style"] == {"time_of_day": "dawn", "weather": "foggy", "mood": "mysterious", "camera_movement": "slow pan"}
    assert job.inputs["duration_sec"] == 8
    assert "harbor_intro: node1" in text(answer)

    work(clock, 5)
    assert "Queued – position" in text(page.get(f"/control-center/{job.pk}/"))
    work(clock, 60)
    card = text(page.get(f"/control-center/{job.pk}/"))
    assert "Completed" in card
    assert "5 credits" in card
    assert "On its node" in card
    assert node(world).asset_id == Generation.objects.get().asset_id
    assert "<b>95</b> of 100 credits left today" in text(page.get(f"/control-center/budget/?world={world.pk}"))
    assert "you get it again, for nothing" in text(send(page, world))
    assert Generation.objects.count() == 1


def test_a_persons_prompt_is_written_from_who_they_are_and_may_be_edited(page: Client, world: World, double: Double) -> None:
    mara = Npc.objects.get(world=world, key="captain_mara")
    block = {"npc": mara.pk, "pose": "leaning_on_bar", "intensity": "0.6", "person_mood": "curious", "camera_angle": "medium_closeup"}
    answer = send(page, world, form="character", prompt="", action="write", affinity="50", **block)
    written = answer.context["form"]["prompt"].value()
    assert answer.status_code == 200
    assert "bar" in written
    assert not Generation.objects.exists()

    send(page, world, form="character", prompt=f"{written} Rain outside.", **block)
    job = Generation.objects.get()
    assert job.inputs["prompt"].endswith("Rain outside.")
    assert job.npc_id == mara.pk
    assert job.action_block == {"pose": "leaning_on_bar", "intensity": 0.6, "mood": "curious", "camera_angle": "medium_closeup"}


def test_cancel_retry_and_attach(page: Client, world: World, double: Double, clock: Clock) -> None:
    send(page, world, target="")
    job = Generation.objects.get()
    change = f"/control-center/{job.pk}/change/"
    assert "Cancelled." in text(page.post(change, {"action": "cancel"}, follow=True))
    assert "Tried again" in text(page.post(change, {"action": "retry"}, follow=True))
    again = Generation.objects.exclude(pk=job.pk).get()
    assert again.retry_of_id == job.pk
    work(clock)
    page.post(f"/control-center/{again.pk}/change/", {"action": "attach", "target": f"{node(world).scene_id}:node1"})
    assert node(world).asset_id == Generation.objects.get(pk=again.pk).asset_id
    assert "Choose the node" in text(page.post(change, {"action": "attach"}, follow=True))
    assert "Say what to do" in text(page.post(change, {"action": "explode"}, follow=True))


@pytest.mark.parametrize(("outcome", "spent"), [("not_sent", 0), ("charged", 5)])
def test_what_nobody_knows_a_person_settles(outcome: str, spent: int, page: Client, world: World, double: Double, clock: Clock) -> None:
    send(page, world, prompt="a harbor drop_after_accept")
    job = Generation.objects.get()
    for _ in range(40):
        work(clock, 2)
        clock.pass_(minutes=60)
    assert Generation.objects.get().needs_attention
    card = text(page.get("/control-center/?show=attention"))
    assert "It was not sent" in card
    assert "It was charged" in card

    page.post(f"/control-center/{job.pk}/change/", {"action": outcome})

    day = budget.BudgetDay.objects.filter(scope=f"world/{world.pk}").get()
    assert (day.reserved, day.spent) == (0, spent * MILLI)
    assert "Needs you" not in text(page.get("/control-center/"))


def test_all_gaps_are_priced_first_and_then_filled(page: Client, world: World, double: Double) -> None:
    shown = text(page.get(f"/control-center/fill/?world={world.pk}&provider=double"))
    gaps = page.get(f"/control-center/fill/?world={world.pk}&provider=double").context["gaps"]
    assert len(gaps) > 2
    assert f"Order {len(gaps)} clips for at most {5 * len(gaps)} credits" in shown
    assert not Generation.objects.exists()

    budget.set_limit(world_id=world.pk, day_limit=(5 * (len(gaps) - 1) + 1) * MILLI)
    answer = text(page.post("/control-center/fill/", {"world": world.pk, "provider": "double"}, follow=True))
    assert f"{len(gaps) - 1} clips ordered." in answer
    assert "The rest was not ordered" in answer
    assert Generation.objects.count() == len(gaps) - 1


def test_the_page_costs_the_same_for_any_number_of_jobs(page: Client, world: World, double: Double, author: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            page.get("/control-center/")
        return len(found)

    send(page, world, prompt="the first")
    one = cost()
    for number in range(8):
        send(page, world, prompt=f"number {number}")
    assert cost() == one


# -- assets -------------------------------------------------------------------------------------------------------------


def test_a_picture_is_uploaded_found_renamed_and_deleted(page: Client) -> None:
    file = SimpleUploadedFile("harbor.png", picture_bytes(), content_type="image/png")
    answer = page.post("/assets/", {"file": file, "label": "The red harbor"}, follow=True)
    asset = Asset.objects.get()
    assert "The red harbor" in text(answer)
    assert "The red harbor" in text(page.get("/assets/?kind=image&q=red"))
    assert "Nothing is like that" in text(page.get("/assets/?kind=video"))
    assert "The blue harbor" in text(page.post(f"/assets/{asset.pk}/", {"action": "rename", "label": "The blue harbor"}, follow=True))
    page.post(f"/assets/{asset.pk}/", {"action": "delete"})
    assert not Asset.objects.exists()


@pytest.mark.parametrize("file", [None, SimpleUploadedFile("evil.svg", b"<svg onload='alert(1)'/>")])
def test_what_is_no_picture_is_refused_in_words(file: Any, page: Client) -> None:
    answer = page.post("/assets/", {"file": file} if file else {})
    assert answer.status_code == 422
    assert 'role="alert"' in text(answer)
    assert not Asset.objects.exists()


def test_what_is_used_says_where_and_stays(page: Client, world: World, author: User) -> None:
    asset = upload_asset(owner=author, file=SimpleUploadedFile("red.png", picture_bytes()))
    SceneNode.objects.filter(pk=node(world).pk).update(asset=asset)
    assert "Nowhere." not in text(page.get(f"/assets/{asset.pk}/"))
    assert "still in use" in text(page.post(f"/assets/{asset.pk}/", {"action": "delete"}, follow=True))
    assert Asset.objects.filter(pk=asset.pk).exists()


def test_a_clip_tells_what_it_was_made_from(page: Client, author: User) -> None:
    still = upload_asset(owner=author, file=SimpleUploadedFile("red.png", picture_bytes()), label="The quay")
    clip = Asset.objects.create(owner=author, media_type="video", status="ready", label="The quay moves", is_generated=True)
    AssetLineage.objects.create(asset=clip, kind="first_frame", source_asset=still)
    AssetLineage.objects.create(asset=clip, kind="npc", npc_key="captain_mara", note="Captain Mara")
    shown = text(page.get(f"/assets/{clip.pk}/"))
    assert "First picture" in shown
    assert f'href="/assets/{still.pk}/"' in shown
    assert "Captain Mara" in shown
    assert "Machine-made" in shown
