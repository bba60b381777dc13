"""ComfyUI: our id is the job's id, and no graph comes from an author."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from generation.providers import comfyui as module
from generation.providers.base import Ambiguous, JobRef, JobState, Lookup, NotSent, Refused, Trouble, Unavailable
from generation.providers.comfyui import BadTemplate, ComfyUI, checked_template
from tests.fake_providers import FakeProviders

from .conftest import picture_bytes
from .provider_requests import NOW, account, order, pointers, sent, source

comfyui = ComfyUI()
WAN, PICTURE = "wan22_5b", "text_to_image"
FRAME = source(reference="pixsim-ab.png")


def clip(**changes: Any) -> Any:
    return order(**{"params": {"model": WAN, "seed": 7}, **changes})


def test_the_templates_that_come_along_are_in_order() -> None:
    files = sorted(Path(module.__file__).parent.glob("workflows/*.json"))
    assert {checked_template(json.loads(path.read_text()))["id"] for path in files} == {WAN, PICTURE} == {one.id for one in comfyui.catalogue.models}


def test_slots_are_filled_and_nothing_else_changes() -> None:
    body = comfyui.body(clip(duration_sec=5, style={"weather": "foggy"}, prompt="A harbor", negative_prompt="blur"))
    graph = body["prompt"]
    assert graph["6"]["inputs"]["text"] == "A harbor. Foggy weather."
    assert graph["7"]["inputs"]["text"] == "blur"
    assert graph["3"]["inputs"]["seed"] == 7
    assert graph["55"]["inputs"]["length"] == 121
    assert (graph["55"]["inputs"]["width"], graph["55"]["inputs"]["height"]) == (1280, 704)
    assert "56" not in graph
    assert "start_image" not in graph["55"]["inputs"]
    assert comfyui.body(clip())["prompt"]["6"]["inputs"]["text"] == "A foggy harbor at dawn."


def test_a_first_picture_is_a_file_name_there() -> None:
    graph = comfyui.body(clip(operation="image_to_video", frames=(FRAME, None)))["prompt"]
    assert graph["56"]["inputs"]["image"] == "pixsim-ab.png"
    assert graph["55"]["inputs"]["start_image"] == ["56", 0]


def test_an_own_parameter_has_a_type() -> None:
    steps = order("text_to_image", params={"model": PICTURE, "steps": 30})
    assert comfyui.body(steps)["prompt"]["3"]["inputs"]["steps"] == 30
    assert pointers(comfyui, order("text_to_image", params={"model": PICTURE, "steps": "30; import os"})) == ["/canonical_params/steps"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"operation": "text_to_image"}, "/operation_type"),
        ({"params": {"model": "other"}}, "/canonical_params/model"),
        ({"params": {"model": WAN, "graph": {"1": {}}}}, "/canonical_params/graph"),
        ({"duration_sec": 60}, "/inputs/duration_sec"),
        ({"frames": (FRAME, FRAME)}, "/inputs/last_frame_asset_id"),
    ],
)
def test_what_it_would_refuse_is_told_before_the_click(changes: dict[str, Any], pointer: str) -> None:
    assert pointers(comfyui, clip(**changes)) == [pointer]


def test_an_author_cannot_bring_a_graph() -> None:
    """Neither with the order nor with the account: what is sent is the template's own nodes."""
    evil = {"1": {"class_type": "ExecutePython", "inputs": {"code": "import os"}}}
    body = comfyui.body(clip(style={"graph": evil, "prompt": evil}, prompt='"}, "evil": {"class_type": "ExecutePython"}'))
    assert "ExecutePython" not in {node["class_type"] for node in body["prompt"].values()}
    assert set(body) == {"prompt", "client_id"}


@pytest.mark.parametrize(
    "change",
    [
        {"slots": {"seed": [["3", "seed"]]}}, {"slots": {"prompt": [["99", "text"]]}}, {"slots": {"prompt": [["6", "nothing"]]}}, {"graph": {"nodes": []}},
        {"slots": {"prompt": [["6", "text"]], "code": [["6", "text"]]}}, {"operations": ["fly"]}, {"title": ""},
    ],
)  # fmt: skip
def test_a_template_that_does_not_fit_is_told(change: dict[str, Any], tmp_path: Path, settings: Any, caplog: Any) -> None:
    template = json.loads((Path(module.__file__).parent / "workflows" / "text_to_image.json").read_text())
    with pytest.raises(BadTemplate):
        checked_template({**template, **change})
    (tmp_path / "bad.json").write_text(json.dumps({**template, **change}))
    (tmp_path / "worse.json").write_text("no json")
    settings.COMFYUI_WORKFLOWS = tmp_path
    assert comfyui.catalogue.models == ()
    assert "bad.json" in caplog.text
    assert pointers(comfyui, order()) == ["/canonical_params/model"]


def test_a_job_goes_its_way_under_our_id(fake_providers: FakeProviders) -> None:
    fake_providers.config(queue_sec=5, work_sec=5)
    access, trace = account(fake_providers), uuid.uuid4()
    other, job = sent(comfyui, access, clip()), sent(comfyui, access, clip(), trace)
    assert job.provider_job_id == str(trace)
    assert (comfyui.poll(access, other).queue_position, comfyui.poll(access, job).queue_position) == (1, 2)
    fake_providers.advance(6)
    assert comfyui.poll(access, job).state is JobState.GENERATING
    fake_providers.advance(6)
    done = comfyui.poll(access, job)
    assert done.state is JobState.COMPLETED
    assert done.result is not None
    assert done.result.url.startswith(f"{fake_providers.url}/view?filename=comfyui-")
    assert comfyui.allowed_hosts(access) == {fake_providers.host}


def test_a_lost_answer_is_looked_up_exactly(fake_providers: FakeProviders) -> None:
    access = account(fake_providers)
    for token, lookup in (("drop_after_accept", Lookup.FOUND), ("reset_mid_body", Lookup.FOUND), ("drop_before", Lookup.NOT_FOUND)):
        trace, request = uuid.uuid4(), clip(prompt=f"x [fake:{token}]")
        with pytest.raises(Ambiguous):
            sent(comfyui, access, request, trace)
        found = comfyui.find(access, comfyui.body(request), trace, NOW)
        assert found.lookup is lookup
        assert found.provider_job_id == (str(trace) if lookup is Lookup.FOUND else "")


def test_sending_again_with_the_same_id_is_harmless(fake_providers: FakeProviders) -> None:
    access, trace = account(fake_providers), uuid.uuid4()
    assert sent(comfyui, access, clip(), trace).provider_job_id == sent(comfyui, access, clip(), trace).provider_job_id
    assert sum(line["milli"] for line in fake_providers.ledger()) == 0


def test_an_unknown_job_is_not_found(fake_providers: FakeProviders) -> None:
    with pytest.raises(Refused) as refused:
        comfyui.poll(account(fake_providers), JobRef(provider_job_id="x", trace_id=uuid.uuid4(), submitted_at=NOW))
    assert refused.value.trouble is Trouble.NOT_FOUND


@pytest.mark.parametrize(("token", "words"), [("fail", "CUDA out of memory"), ("no_url", "without a file")])
def test_an_end_without_a_clip_says_why(fake_providers: FakeProviders, token: str, words: str) -> None:
    access = account(fake_providers)
    found = comfyui.poll(access, sent(comfyui, access, clip(prompt=f"x [fake:{token}]")))
    assert (found.state, words in found.error) == (JobState.FAILED, True)


def test_a_refused_graph_says_what_is_wrong(fake_providers: FakeProviders) -> None:
    with pytest.raises(Refused, match="validation") as refused:
        sent(comfyui, account(fake_providers), clip(prompt="x [fake:errcode:1]"))
    assert refused.value.trouble is Trouble.BAD_REQUEST


def test_cancelling_takes_out_ours_alone(fake_providers: FakeProviders) -> None:
    fake_providers.config(queue_sec=5, work_sec=60)
    access = account(fake_providers)
    running, other = sent(comfyui, access, clip()), sent(comfyui, access, clip())
    fake_providers.advance(6)
    waiting = sent(comfyui, access, clip())
    assert comfyui.cancel(access, waiting)
    assert comfyui.cancel(access, running)
    assert not comfyui.cancel(access, running)
    assert comfyui.poll(access, other).state is JobState.GENERATING


def test_a_picture_is_uploaded_under_its_hash(fake_providers: FakeProviders, tmp_path: Path) -> None:
    path = tmp_path / "p.png"
    path.write_bytes(picture_bytes())
    assert comfyui.upload(account(fake_providers), source(path)).endswith(".png")


def test_only_hosts_the_site_names_are_asked(fake_providers: FakeProviders, settings: Any) -> None:
    settings.PROVIDER_LOCAL_HOSTS = []
    for base in (fake_providers.url, "", "https://comfy.example.com", "http://169.254.169.254"):
        access = account(base_url=base)
        with pytest.raises((Refused, NotSent)):
            sent(comfyui, access, clip())
        with pytest.raises(Unavailable):
            comfyui.find(access, {}, uuid.uuid4(), NOW)
    assert fake_providers.requests() == []
