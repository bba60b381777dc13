"""The renderer on this machine, met as a provider like any other."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from generation import recipes, services
from generation.models import Asset
from generation.providers.animatic.provider import Animatic
from generation.providers.base import Account, JobState, Lookup, Refused, Trouble
from pixsim.models import User

from .provider_requests import NOW, WALKTHROUGH, order, pointers, sent, source

animatic = Animatic()


def access(user: User | None) -> Account:
    return Account(id=None, options={"owner_id": user.pk if user else None})


def tiny(**changes: Any) -> Any:
    return order("text_to_image", **{"params": {"seed": 1, "size": [96, 54]}, **changes})


def test_the_walkthroughs_order_is_a_recipe() -> None:
    request = order(style=WALKTHROUGH, duration_sec=8)
    assert animatic.problems(request) == []
    assert animatic.price(request) == 0
    assert animatic.body(request) == {
        "renderer": "animatic",
        "prompt": "A foggy harbor at dawn.",
        "style": WALKTHROUGH,
        "seed": 42,
        "duration_sec": 8,
    }


@pytest.mark.parametrize(
    ("ratio", "quality", "size"),
    [
        ("16:9", "high", None),
        ("9:16", "high", [720, 1280]),
        ("1:1", "low", [360, 360]),
        ("21:9", "ultra", [2048, 876]),
        ("16:9", "medium", [960, 540]),
    ],
)
def test_quality_and_ratio_are_a_size_the_renderer_takes(ratio: str, quality: str, size: list[int] | None) -> None:
    recipe = animatic.body(order(params={"aspect_ratio": ratio, "quality": quality}))
    assert recipe.get("size") == size
    assert recipes.problems(recipe) == []


def test_every_quality_in_every_ratio_can_be_drawn() -> None:
    [model] = animatic.catalogue.models
    for ratio in model.aspect_ratios:
        for quality in model.qualities:
            assert animatic.problems(order(params={"aspect_ratio": ratio, "quality": quality})) == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"operation": "image_to_video", "frames": (source(), None)}, "/operation_type"),
        ({"frames": (source(), source())}, "/inputs/first_frame_asset_id"),
        ({"prompt": ""}, "/inputs/prompt"),
        ({"duration_sec": 31}, "/inputs/duration_sec"),
        ({"style": {"mood": "x" * 201}}, "/inputs/style/mood"),
        ({"style": {"intensity": 2}}, "/inputs/style/intensity"),
        ({"params": {"size": [3, 3]}}, "/canonical_params/size"),
        ({"params": {"fps": 0}}, "/canonical_params/fps"),
        ({"params": {"quality": "720p"}}, "/canonical_params/quality"),
    ],
)
def test_what_it_would_refuse_is_told_before_the_click(changes: dict[str, Any], pointer: str) -> None:
    assert pointers(animatic, order(**changes))[0] == pointer


def test_a_job_is_the_owners_asset_and_its_progress_is_true(author: User) -> None:
    job = sent(animatic, access(author), tiny())
    asset = Asset.objects.get()
    assert (job.provider_job_id, asset.owner, asset.label, asset.is_generated) == (f"asset/{asset.pk}", author, "A foggy harbor at dawn.", True)
    waiting = animatic.poll(access(author), job)
    assert (waiting.state, waiting.queue_position) == (JobState.QUEUED, 1)
    Asset.objects.update(status="rendering", progress=0.4)
    making = animatic.poll(access(author), job)
    assert (making.state, making.progress) == (JobState.GENERATING, 0.4)
    Asset.objects.update(status="pending", progress=0)
    services.render_pending()
    done = animatic.poll(access(author), job)
    assert (done.state, done.result, done.charged) == (JobState.COMPLETED, asset.pk, 0)


def test_sending_again_is_harmless_and_a_lost_answer_is_found(author: User, stranger: User) -> None:
    body, trace = animatic.body(tiny()), uuid.uuid4()
    assert animatic.find(access(author), body, trace, NOW).lookup is Lookup.NOT_FOUND
    first = animatic.submit(access(author), body, trace)
    assert animatic.submit(access(author), body, trace) == first
    assert animatic.find(access(author), body, trace, NOW).provider_job_id == first.provider_job_id
    assert animatic.find(access(stranger), body, trace, NOW).lookup is Lookup.NOT_FOUND
    assert animatic.submit(access(stranger), body, uuid.uuid4()) != first


def test_a_failed_render_is_told_and_a_new_order_tries_again(author: User) -> None:
    job = sent(animatic, access(author), tiny())
    Asset.objects.update(status="failed", error="the brush broke", attempts=3)
    found = animatic.poll(access(author), job)
    assert (found.state, found.error, found.refunded) == (JobState.FAILED, "the brush broke", True)
    assert sent(animatic, access(author), tiny()).provider_job_id == job.provider_job_id
    assert Asset.objects.get().status == "pending"


def test_a_deleted_asset_is_gone(author: User) -> None:
    job = sent(animatic, access(author), tiny())
    Asset.objects.all().delete()
    with pytest.raises(Refused) as refused:
        animatic.poll(access(author), job)
    assert refused.value.trouble is Trouble.GONE
    assert not animatic.cancel(access(author), replace(job, provider_job_id="asset/1"))


def test_a_recipe_of_the_site_has_no_owner(db: Any) -> None:
    sent(animatic, access(None), tiny())
    assert Asset.objects.get().owner is None
