"""A browser that forgives nothing: any console error, CSP violation or failed request fails the test that caused it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from django.core.files.base import ContentFile
from PIL import Image

from generation.models import Asset
from tests.playing import PASSWORD, account, harbor_district
from worlds.models import World

SHOTS = Path(__file__).resolve().parents[2] / "test-results" / "pages"
SIZES = {1280: 800, 390: 844}


class Visitor:
    """One browser window with what it complained about."""

    def __init__(self, site: str, page: Any, name: str) -> None:
        self.site, self.page, self.name = site, page, name
        self.problems: list[str] = []
        self.listening = True
        page.on("pageerror", lambda error: self.hear(f"error: {error}"))
        page.on("console", lambda message: message.type == "error" and self.hear(message.text))

    def hear(self, text: str) -> None:
        if self.listening:
            self.problems.append(text)

    def goto(self, path: str) -> Any:
        return self.page.goto(self.site + path)

    def log_in(self, username: str) -> None:
        self.goto("/login/?next=/play/")
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()
        self.page.wait_for_url("**/play/")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def sees(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for(timeout=10_000)

    def live(self) -> None:
        self.page.locator("#conn[data-state=live]").wait_for(timeout=10_000)

    def fine(self, shot: str) -> None:
        """A picture for people, then: nothing sticks out sideways, axe has nothing to say."""
        from axe_playwright_python.sync_playwright import Axe

        self.settle()
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{shot}-{self.name}.png")
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{shot} scrolls sideways"
        self.listening = False  # axe brings its own inline styles
        found = Axe().run(self.page).response["violations"]
        self.page.wait_for_timeout(50)
        self.listening = True
        assert [(one["id"], one["nodes"][0]["target"]) for one in found] == [], shot

    def settle(self) -> None:
        """Animations are over: what is half faded in has no contrast to measure."""
        self.page.evaluate(
            "() => Promise.allSettled(document.getAnimations().filter((a) => a.effect.getTiming().iterations !== Infinity && a.animationName !== 'float').map((a) => a.finished))"
        )


@pytest.fixture
def visit(live_asgi: str, browser: Any) -> Iterator[Callable[..., Visitor]]:
    opened: list[tuple[Any, Visitor]] = []

    def visit(width: int = 1280, *, scheme: str = "dark", motion: bool = False, script: bool = True, touch: bool = False) -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": SIZES[width]},
            color_scheme=scheme,
            reduced_motion="no-preference" if motion else "reduce",
            java_script_enabled=script,
            has_touch=touch,
        )
        visitor = Visitor(live_asgi, context.new_page(), f"{width}-{scheme}{'' if script else '-noscript'}")
        opened.append((context, visitor))
        return visitor

    yield visit
    problems = [problem for _, visitor in opened for problem in visitor.problems]
    for context, _ in opened:
        context.close()
    assert problems == []


@pytest.fixture(scope="session")
def clip() -> bytes:
    """Three seconds of film that a browser plays."""
    made = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=12:duration=3", "-c:v", "libx264", "-pix_fmt",
         "yuv420p", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4", "-"],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    return made.stdout


@pytest.fixture
def district(transactional_db: None, clip: bytes) -> World:
    """The Harbor District with quickly drawn pictures in place of the painted ones."""
    world = harbor_district(owner=account("author", author=True))
    account("player")
    for name in world.world_assets.select_related("asset"):
        draw(name.asset, name.key, clip)
    return world


def draw(asset: Asset, key: str, clip: bytes) -> None:
    if asset.media_type not in ("image", "video"):
        return
    portrait = (asset.recipe or {}).get("renderer") == "portrait"
    size = (600, 800) if portrait else (1280, 720)
    hue = sum(map(ord, key)) % 255
    picture = BytesIO()
    Image.merge("HSV", [Image.new("L", size, hue), Image.new("L", size, 90), Image.linear_gradient("L").resize(size)]).convert("RGB").save(
        picture, "JPEG"
    )
    still = ContentFile(picture.getvalue(), f"{key}.jpg")
    asset.sha256 = f"{abs(hash(key)):064x}"[-64:]
    asset.width, asset.height, asset.status, asset.is_generated = *size, Asset.Status.READY, True
    if asset.media_type == "video":
        asset.file.save(f"{key}.mp4", ContentFile(clip), save=False)
        asset.poster.save("poster.jpg", still, save=False)
        asset.duration_sec = 3
    else:
        asset.file.save(f"{key}.jpg", still, save=False)
    asset.save()
