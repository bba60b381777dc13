"""Fixtures for every test: the site on a real server, a real browser, quick passwords."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="pixsim-tests-"))
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's sync API keeps an event loop in the test's thread

import pytest
from django.conf import settings as site
from hypothesis import settings as hypothesis_settings

if site.REDIS_URL and (worker := os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")):
    base, _, number = site.REDIS_URL.rpartition("/")  # each worker clears its own cache, not another's; the settings were read before this file
    own = os.environ["REDIS_URL"] = site.REDIS_URL = site.CELERY_BROKER_URL = f"{base}/{int(number) + int(worker)}"
    site.CACHES["default"]["LOCATION"], site.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"] = own, [own]

collect_ignore = [] if find_spec("playwright") else ["browser"]

hypothesis_settings.register_profile("pixsim", deadline=None, print_blob=True)
hypothesis_settings.load_profile("pixsim")


def pytest_report_header() -> str:
    return "browser: left out, for Playwright is not in this environment" if collect_ignore else "browser: Playwright"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last, whatever the random order: from its start on Playwright runs an event loop in this thread, and no other can."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(autouse=True)
def quick_and_private(settings: Any, tmp_path: Path) -> None:
    """Hash passwords fast, and keep each test's files to itself."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_AUTOREFRESH = True  # else every client reads every static file first: 0.3 s
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    from django.core.cache import cache

    cache.clear()
    yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database. PostgreSQL drops it only when nobody is connected, so connections of threads that have ended are closed first."""
    yield
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(others)


@pytest.fixture(scope="session")
def live_asgi(django_db_setup: None) -> Iterator[str]:
    """The site on uvicorn in a thread of this process: HTTP and WebSocket on the test database. Tests need `django_db(transaction=True)`."""
    import uvicorn
    from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler

    from pixsim.asgi import application

    class App:
        def __init__(self) -> None:
            self.static = ASGIStaticFilesHandler(application)

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await (self.static if scope["type"] == "http" else application)(scope, receive, send)

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()  # the first client may come before the thread does
    server = uvicorn.Server(uvicorn.Config(App(), log_level="warning", lifespan="off", ws="websockets-sansio"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(5)
    listener.close()


@pytest.fixture(scope="session")
def fake_provider_server() -> Iterator[Any]:
    """One server that plays Pixverse, fal and ComfyUI, on a port of its own."""
    from tests.fake_providers import FakeProviders

    server = FakeProviders.start()
    yield server
    server.stop()


@pytest.fixture
def fake_providers(fake_provider_server: Any, settings: Any) -> Any:
    """The fake providers, remembering nothing, and allowed as a host on this machine."""
    fake_provider_server.reset()
    settings.PROVIDER_LOCAL_HOSTS = [fake_provider_server.host]
    return fake_provider_server


@pytest.fixture(scope="session")
def fake_model_server() -> Iterator[Any]:
    """One server that plays an OpenAI-compatible one, on a port of its own."""
    from tests.fake_models import FakeModels

    server = FakeModels.start()
    yield server
    server.stop()


@pytest.fixture
def fake_models(fake_model_server: Any, settings: Any) -> Any:
    """The fake models, remembering nothing, and allowed as a host on this machine."""
    fake_model_server.reset()
    settings.PROVIDER_LOCAL_HOSTS = [fake_model_server.host]
    return fake_model_server


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium through Playwright."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        pytest.skip("there is no Chromium on this machine (apt install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed in this environment")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--autoplay-policy=no-user-gesture-required"]  # fmt: skip
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=flags)
        yield started
        started.close()
