"""How a player likes to play: size of the text, captions, motion, volume. Kept with the account, applied by the server to every page."""

from __future__ import annotations

from typing import Any

from django import forms

from .models import Rating

DEFAULTS: dict[str, Any] = {"text_size": "normal", "captions": "on", "motion": "system", "volume": 70}
TEXT_SIZES = [("small", "Small"), ("normal", "Normal"), ("large", "Large"), ("largest", "Very large")]
CAPTIONS = [("on", "Show what is said and heard"), ("off", "No captions")]
MOTION = [("system", "As this device asks for"), ("less", "Nothing moves, clips wait for me")]


class SettingsForm(forms.Form):
    text_size = forms.ChoiceField(label="Text size", choices=TEXT_SIZES, widget=forms.RadioSelect)
    captions = forms.ChoiceField(label="Captions", choices=CAPTIONS, widget=forms.RadioSelect)
    motion = forms.ChoiceField(label="Motion", choices=MOTION, widget=forms.RadioSelect)
    volume = forms.IntegerField(
        label="Volume",
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"type": "range", "step": 5}),
        help_text="Of clips and of the sounds of places; all the way to the left is silence.",
    )
    rating = forms.ChoiceField(label="Show me at most", choices=Rating.choices, help_text="Holds in all your games; a world may be milder.")


def settings_of(user: Any) -> dict[str, Any]:
    """Every setting, as chosen or as it is by itself."""
    return {**DEFAULTS, **{name: value for name, value in (getattr(user, "settings", None) or {}).items() if name in DEFAULTS}}


def shown(user: Any) -> SettingsForm:
    return SettingsForm(initial={**settings_of(user), "rating": user.rating})


def change(*, user: Any, given: Any) -> SettingsForm:
    """Keeps the fields that are given; the others stay. Nothing is kept where one of them is wrong: the form says which."""
    now = {**settings_of(user), "rating": user.rating}
    form = SettingsForm({**now, **{name: given[name] for name in now if name in given}})
    if form.is_valid():
        values = dict(form.cleaned_data)
        user.rating = values.pop("rating")
        user.settings = values
        user.save(update_fields=["rating", "settings"])
    return form
