"""Accounts: log in, sign up. Logging out is Django's own view."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, UserCreationForm
from django.contrib.auth.models import Group
from django.contrib.auth.views import LoginView, RedirectURLMixin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django.views.generic import FormView

from . import player_settings
from .models import AUTHORS, User


class LogInForm(AuthenticationForm):
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "This name and password do not belong together. Both are case-sensitive; check them and try again.",
    }


class LogIn(LoginView):
    template_name = "pixsim/login.html"
    authentication_form = LogInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(demo=settings.PIXSIM_DEMO, **kwargs)


class SignUpForm(UserCreationForm):
    """A player; an author too where the site lets people choose that."""

    author = forms.BooleanField(label="I want to build worlds too", required=False, help_text="Opens the author's door. You can play either way.")

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not settings.PIXSIM_SIGNUP_AUTHORS:
            del self.fields["author"]

    @transaction.atomic
    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit=commit)
        if self.cleaned_data.get("author"):
            user.groups.add(Group.objects.get_or_create(name=AUTHORS)[0])
        return user


class SignUp(RedirectURLMixin, FormView):
    template_name = "pixsim/signup.html"
    form_class = SignUpForm
    next_page = settings.LOGIN_REDIRECT_URL

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(next=self.get_redirect_url(), **kwargs)

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        form.save()
        user = authenticate(self.request, username=form.cleaned_data["username"], password=form.cleaned_data["password1"])
        if user is not None:
            login(self.request, user)
        return super().form_valid(form)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def settings_page(request: HttpRequest) -> HttpResponse:
    """How one likes to play. A page of its own, and over a game a sheet; our script also sends one field alone."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    back = asked if url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}) else ""
    saved = False
    if request.method == "POST":
        form = player_settings.change(user=request.user, given=request.POST)
        saved = form.is_valid()
    else:
        form = player_settings.shown(request.user)
    part = request.headers.get("X-Part") == "1"
    if saved and not part:
        messages.success(request, "Your settings are kept.")
        return redirect(back or "settings")
    context = {"form": form, "next": back, "saved": saved, "chosen": player_settings.settings_of(request.user)}
    answer = render(request, "pixsim/_parts/settings.html" if part else "pixsim/settings.html", context, status=400 if form.errors else 200)
    answer["Vary"] = "X-Part, Cookie"
    return answer
