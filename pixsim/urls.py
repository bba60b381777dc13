"""The doors: admin, REST, pages."""

from __future__ import annotations

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from pixsim import auth_api
from pixsim.api_docs import DocsView, SchemaView
from pixsim.lib.api.problems import unknown_path
from pixsim.lib.api.routes import api_path

# REST of each app, lowest first. An endpoint lives in the highest app it reads from, so a path's first word does not name its app.
APPS = ["generation", "worlds", "npcs", "scenes", "sessions"]
# Pages: an app's page_urls, the site's own last.
PAGES = ["generation.media_urls", "scenes.page_urls", "sessions.page_urls", "pixsim.page_urls"]

api: list[URLPattern | URLResolver] = [
    *auth_api.urlpatterns,
    api_path("schema/", SchemaView.as_view(), "schema"),
    api_path("docs/", DocsView.as_view(), "docs"),
    *(path("", include(f"{app}.urls")) for app in APPS if find_spec(f"{app}.urls")),
]

urlpatterns = [
    path("api/v1/", include(api)),
    re_path(r"^api(?:/|$)", unknown_path),
    path("admin/", admin.site.urls),
    *(path("", include(pages)) for pages in PAGES if find_spec(pages)),
]

handler400 = "pixsim.lib.api.problems.bad_request"
handler403 = "pixsim.lib.api.problems.permission_denied"
handler404 = "pixsim.lib.api.problems.page_not_found"
handler500 = "pixsim.lib.api.problems.server_error"
