"""A clip that is made while its node is read: a note says so, it fades in, and nothing moves under the reader's eyes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from generation import delivery, hints, intake, subjects, sweep
from generation.models import Generation
from generation.providers import registry
from sessions import filming
from sessions.models import GameSession
from tests.generation.double import Clock, Double

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WATCH = """() => {
  window.beneath = 0; // how often the old picture was seen beneath the stage
  const look = () => { window.beneath += document.querySelectorAll('#main > .picture[aria-hidden=true]').length; };
  new MutationObserver(look).observe(document.getElementById('main'), { childList: true });
}"""


@pytest.fixture
def clock() -> Clock:
    return Clock(timezone.now())


@pytest.fixture
def studio(clock: Clock, clip: bytes, monkeypatch: Any) -> Iterator[Double]:
    """What makes clips on this machine, as quickly as the test wants it."""

    def fetched(remote: Any, hosts: Any, folder: Path) -> intake.Cleaned:
        (folder / "clip.mp4").write_bytes(clip)
        return intake.Cleaned(folder / "clip.mp4", intake.MP4, 640, 360, 3.0, None)

    was = registry.get("animatic")
    made = Double(clock, id="animatic", title="Animatic", local=True)
    registry.register(made)
    monkeypatch.setattr(delivery, "fetch", fetched)
    monkeypatch.setattr(hints, "advance_soon", lambda *_, **__: None)
    monkeypatch.setattr("sessions.clips.hint", lambda *_: None)
    yield made
    registry.unregister("animatic")
    if was is not None:
        registry.register(was)


@pytest.fixture
def at_the_docks(visit: Any, district: Any, studio: Double) -> Any:
    """A window on the node that wants a clip and has none."""

    def come(*args: Any, **options: Any) -> Any:
        visitor = visit(*args, **options)
        visitor.log_in("player")
        visitor.press("New game")
        if options.get("script", True):
            visitor.live()
        visitor.press("Explore the Docks")
        visitor.sees("You walk the length of the quay")
        return visitor

    return come


def order() -> Generation:
    session = GameSession.objects.get()
    assert filming.make_missing(session.pk, "harbor_intro/node4", session.version) == 1
    return Generation.objects.get()


def finish(clock: Clock) -> None:
    for _ in range(12):
        sweep.run_due(clock)
        clock.pass_(seconds=5)


def top(visitor: Any, what: str = "#panel") -> float:
    return float(visitor.page.locator(what).evaluate("panel => panel.getBoundingClientRect().top"))


@pytest.mark.parametrize("width", [1280, 390])
def test_it_comes_without_moving_anything(at_the_docks: Any, clock: Clock, width: int) -> None:
    visitor = at_the_docks(width)
    note = visitor.page.locator("#making")
    assert not note.is_visible()
    before = top(visitor)
    job = order()
    Generation.objects.filter(pk=job.pk).update(status="generating", progress=0.45)
    subjects.told(Generation.objects.get(pk=job.pk))
    note.wait_for()
    assert note.locator("progress").evaluate("bar => bar.value") == 0.45
    assert top(visitor) == pytest.approx(before, abs=1)
    visitor.fine("clip-on-its-way")
    Generation.objects.filter(pk=job.pk).update(status="pending", progress=None)
    finish(clock)
    visitor.page.locator("video#clip").wait_for()
    visitor.page.locator(".clip-tools").wait_for()
    note.wait_for(state="hidden")
    assert top(visitor) == pytest.approx(before, abs=1)
    assert visitor.page.locator(".prose").is_visible()
    visitor.fine("clip-is-there")


def test_it_fades_in_over_what_stood_in_for_it_and_the_choices_stay(at_the_docks: Any, clock: Clock) -> None:
    visitor = at_the_docks(motion=True)
    pictures = visitor.page.locator(".picture")
    assert pictures.count() == 1
    visitor.page.evaluate(WATCH)
    order()
    finish(clock)
    visitor.page.locator(".picture:not([data-arriving]) video#clip").wait_for()
    assert visitor.page.locator("#acts[data-wait]").count() == 0
    visitor.page.locator("#main > .picture").wait_for(state="detached")
    assert visitor.page.evaluate("window.beneath") > 0
    assert pictures.count() == 1
    assert visitor.page.locator("video#clip").evaluate("video => video.readyState") >= 2


def test_a_job_that_fails_takes_its_note_away(at_the_docks: Any) -> None:
    visitor = at_the_docks()
    job = order()
    Generation.objects.filter(pk=job.pk).update(status="queued")
    subjects.told(Generation.objects.get(pk=job.pk))
    visitor.page.locator("#making").wait_for()
    Generation.objects.filter(pk=job.pk).update(status="failed", finished_at=timezone.now())
    subjects.told(Generation.objects.get(pk=job.pk))
    visitor.page.locator("#making").wait_for(state="hidden")


def test_without_script_the_next_look_shows_it(at_the_docks: Any, clock: Clock) -> None:
    visitor = at_the_docks(script=False)
    order()
    visitor.page.reload()
    visitor.sees("The clip is still being made")
    finish(clock)
    visitor.page.reload()
    assert visitor.page.locator("video#clip").count() == 1
    assert not visitor.page.get_by_text("The clip is still being made").is_visible()
