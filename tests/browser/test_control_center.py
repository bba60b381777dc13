"""The walkthrough's form, with no key at all: a clip of eight seconds on its node, its card going through its states by itself."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from generation import services, sweep
from generation.models import Asset, Generation
from scenes.models import SceneNode

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PROMPT = "A foggy harbor at dawn. Ships bob gently in the water. Seagulls cry overhead. Mysterious atmosphere."
WATCH = """() => {
  window.said = [];
  const look = () => { const now = document.querySelector('.job-status')?.textContent; if (now && now !== window.said.at(-1)) window.said.push(now); };
  new MutationObserver(look).observe(document.getElementById('jobs'), { childList: true, subtree: true, characterData: true });
  look();
}"""


def work() -> None:
    """The worker's part, in a thread as in the server: look after the job, paint its clip."""
    painter = threading.Thread(target=paint)
    until = time.monotonic() + 120
    try:
        while Generation.objects.exclude(status__in=Generation.FINAL).exists() and time.monotonic() < until:
            Generation.objects.filter(next_at__isnull=False).update(next_at=timezone.now())  # at once, not at the next look
            sweep.run_due()
            if not painter.ident and Asset.objects.filter(status=Asset.Status.PENDING).exists():
                painter.start()
            time.sleep(0.3)
        painter.join(60)
        sweep.run_due()
    finally:
        connection.close()


def paint() -> None:
    try:
        services.render_pending(("video",), limit=1)
    finally:
        connection.close()


def test_create_environment_video(visit: Any, district: Any) -> None:
    Asset.objects.filter(status=Asset.Status.PENDING).update(status=Asset.Status.FAILED)  # the district's own pictures are not wanted here
    node = SceneNode.objects.get(scene__world=district, scene__key="harbor_intro", key="node4")
    author = visit()
    author.log_in("author")
    author.goto("/control-center/")
    author.fine("control-center")
    page = author.page
    page.get_by_label("Prompt").fill(PROMPT)
    page.get_by_label("Put it on").select_option(f"{node.scene_id}:node4")
    for label, value in {"Time of day": "dawn", "Weather": "foggy", "Mood": "mysterious", "Camera movement": "slow pan", "Seconds": "8"}.items():
        page.get_by_label(label).fill(value)
    assert "this machine" in page.get_by_label("Provider").locator("option:checked").inner_text()
    author.sees("– made on this machine.")
    author.press("Generate")
    author.sees("Its card shows how far it is")
    page.evaluate(WATCH)

    worker = threading.Thread(target=work)
    worker.start()
    page.get_by_text("Completed", exact=True).locator("visible=true").first.wait_for(timeout=120_000)
    worker.join(60)
    page.get_by_text("On its node").wait_for(timeout=10_000)
    said = page.evaluate("window.said")
    assert said[-1] == "Completed", said
    assert any(word.startswith("Generating – ") for word in said), said
    node.refresh_from_db()
    assert node.asset_id == Generation.objects.get().asset_id
    author.fine("control-center-completed")

    author.goto(f"/assets/{node.asset_id}/")
    length = page.evaluate(
        "() => new Promise((done) => { const clip = document.querySelector('video'); const tell = () => done(clip.duration); clip.readyState ? tell() : clip.addEventListener('loadedmetadata', tell); })"
    )
    assert 7.9 <= length <= 8.1
    author.fine("asset")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_pages_of_made_things_are_fit_to_be_seen(width: int, scheme: str, visit: Any, district: Any) -> None:
    author = visit(width, scheme=scheme)
    author.log_in("author")
    for shot, path in {
        "control-center": "/control-center/",
        "character": "/control-center/?form=character",
        "gaps": "/control-center/fill/",
        "assets": "/assets/",
    }.items():
        author.goto(path)
        author.fine(shot)
