"""The author's door: Django's admin, open to authors without `is_staff`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest
from django.template.response import TemplateResponse

from .lib import authoring
from .models import User


class AuthorLogInForm(AuthenticationForm):
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "This name and password do not belong together. Both are case-sensitive; check them and try again.",
        "no_author": "This account plays, but does not author. Ask the site's staff to make you an author.",
    }

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if not user.is_author:
            raise forms.ValidationError(self.error_messages["no_author"], code="no_author")


ORDER = ("worlds", "scenes", "npcs", "generation", "game_sessions")  # as an author meets them; then whatever else there is


class AuthorSite(AdminSite):
    site_title = "PixSim"
    site_header = "PixSim – the author's door"
    index_title = "Your worlds and what they are made of"
    login_form = AuthorLogInForm
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Members of the group `authors`, and staff. What they see of each model is that model's own matter."""
        return isinstance(request.user, User) and request.user.is_author

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        return {**context, **authoring.page_context(request)} if context["has_permission"] else context

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {**authoring.front_context(request), **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        found = super().get_app_list(request, app_label)
        return sorted(found, key=lambda one: ORDER.index(one["app_label"]) if one["app_label"] in ORDER else len(ORDER))
