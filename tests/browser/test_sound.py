"""The sound of a clip: none before the page was touched, then as loud as the player set it, and one key for silence."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import imageio_ffmpeg
import pytest
from playwright.sync_api import expect

from pixsim.models import User
from sessions import queries, services
from worlds.models import World

from .conftest import Visitor
from .graph_page import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HEARD = "() => { const clip = document.getElementById('clip'); return [clip.muted, Math.round(clip.volume * 100)]; }"


@pytest.fixture(scope="session")
def clip() -> bytes:
    """Eight seconds of film that hum."""
    made = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=6:duration=8", "-f", "lavfi", "-i",
         "sine=frequency=220:duration=8", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4", "-"],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    return made.stdout


def heard(visitor: Visitor, muted: bool, volume: int) -> None:
    visitor.page.wait_for_function(
        f"([muted, volume]) => {{ const now = ({HEARD})(); return now[0] === muted && now[1] === volume; }}", arg=[muted, volume]
    )


def test_a_clip_is_silent_until_the_page_is_touched_and_then_as_loud_as_was_set(visit: Callable[..., Visitor], district: World) -> None:
    player = User.objects.get(username="player")
    player.settings = {"volume": 40}
    player.save()
    session = services.start(user=player, world=queries.playable_world(player, district.pk)).session
    visitor = visit(motion=True)
    log_in(visitor, "player")
    visitor.goto(f"/play/{session.pk}/")
    visitor.live()
    page = visitor.page
    page.wait_for_function("document.getElementById('clip').currentTime > 0.2")
    heard(visitor, True, 40)
    page.locator(".where-place").click()
    heard(visitor, False, 40)
    assert not page.evaluate("document.getElementById('clip').paused")
    sound = page.get_by_role("button", name="Sound", exact=True)
    expect(sound).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("v")
    heard(visitor, True, 0)
    visitor.sees("Sound off")
    expect(sound).to_have_attribute("aria-pressed", "false")
    visitor.fine("sound-off")
    page.reload()
    page.locator(".where-place").click()
    heard(visitor, True, 0)  # kept with the account
    assert User.objects.get(pk=player.pk).settings["volume"] == 0
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys").get_by_text("Sound on or off")).to_be_visible()
    expect(page.get_by_role("dialog", name="Keys").get_by_text("Forward again")).to_be_visible()
    visitor.fine("keys")
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    heard(visitor, False, 70)
