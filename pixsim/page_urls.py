"""Accounts."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.templatetags.static import static
from django.views.generic import RedirectView

from pixsim.lib.api.routes import api_path as page

from . import views


class Favicon(RedirectView):
    """Browsers ask for it where a page names none, such as a bare picture."""

    def get_redirect_url(self, *args: object, **kwargs: object) -> str:
        return static("img/favicon.svg")


urlpatterns = [
    page("favicon.ico", Favicon.as_view(), "favicon"),
    page("login/", views.LogIn.as_view(), "login"),
    page("signup/", views.SignUp.as_view(), "signup"),
    page("settings/", views.settings_page, "settings"),
    page("logout/", LogoutView.as_view(), "logout"),
]
