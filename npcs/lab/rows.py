"""The week and the faces, one form row each."""

from __future__ import annotations

from typing import Any, Final

from django import forms

from npcs.models import Expression, ScheduleSlot
from npcs.services import numbered
from pixsim.lib import schema
from worlds.admin import AuthoredForm
from worlds.rules.clock import parse_hhmm

from .fields import Pairs

DAYS: Final = ((1, "Mon"), (2, "Tue"), (3, "Wed"), (4, "Thu"), (5, "Fri"), (6, "Sat"), (7, "Sun"))
CROP: Final = ("x", "y", "width", "height")


class TimeOfDay(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        attrs = {"size": 5, "inputmode": "numeric", "placeholder": "HH:MM", "autocomplete": "off"}
        super().__init__(**{"max_length": 5, "widget": forms.TextInput(attrs=attrs), **kwargs})

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if text:
            text = text.zfill(5) if ":" in text else text
            try:
                parse_hhmm(text)
            except ValueError as error:
                raise forms.ValidationError(str(error), code="not_a_time") from None
        return text


class SlotForm(AuthoredForm):
    days = forms.TypedMultipleChoiceField(coerce=int, choices=DAYS, widget=forms.CheckboxSelectMultiple, required=False)
    start = TimeOfDay()
    end = TimeOfDay(help_text="Not included; 24:00 is allowed. Before the start it means the next day.")
    activity = forms.CharField(
        max_length=60, required=False, widget=forms.TextInput(attrs={"list": "npc-activities"}), help_text="Eating, sleeping and company meet needs."
    )
    stops = Pairs(whole=True, help_text="Of a patrol: place and minutes, such as “market: 120”, one on each line.")

    class Meta:
        model = ScheduleSlot
        fields = ("position", "key", "days", "start", "end", "activity", "rule", "location", "stops")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["position"].widget.attrs["min"] = 0
        self.fields["position"].required = False
        if self.instance.pk:
            self.initial["stops"] = [(stop.get("location"), stop.get("minutes")) for stop in self.instance.stops]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        data["position"] = data.get("position") or 0
        rule = data.get("rule")
        stops = [{"location": place, "minutes": minutes} for place, minutes in data.get("stops") or []] if rule == ScheduleSlot.Rule.PATROL else []
        if not data.get("days") and "days" not in self.errors:
            self.add_error("days", "Choose at least one day.")
        if rule != ScheduleSlot.Rule.DEFAULT:
            data["location"] = None
        elif data.get("location") is None and "location" not in self.errors:
            self.add_error("location", "Say where, or choose the rule “Hidden”.")
        if "stops" not in self.errors:
            wrong = [error.message for error in schema.errors("npcs/stops", stops)]
            if rule == ScheduleSlot.Rule.PATROL and not stops:
                wrong = ["A patrol needs stops."]
            data["stops"] = stops
            if wrong:
                self.add_error("stops", wrong)
        data["days"] = sorted(data.get("days") or [])
        return data


class WeekFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        """Names for the slots that have none, before they are compared."""
        sound = [form for form in self.forms if form.is_valid() and (form.has_changed() or form.instance.pk)]
        forms_left = [form for form in sound if not form.cleaned_data.get("DELETE")]
        taken = {form.cleaned_data["key"] for form in forms_left if form.cleaned_data.get("key")}
        for form in forms_left:
            if not form.cleaned_data.get("key"):
                form.cleaned_data["key"] = form.instance.key = numbered("slot", taken)
                taken.add(form.instance.key)
        super().clean()


class FaceForm(AuthoredForm):
    state = forms.CharField(label="Shows", max_length=40, widget=forms.TextInput(attrs={"list": "npc-moods"}), help_text="The mood, such as happy.")
    upload = forms.FileField(
        label="Or upload one",
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text="PNG, JPEG or WebP.",
    )
    crop_x, crop_y, crop_width, crop_height = (
        forms.FloatField(label=label, required=False, min_value=low, widget=forms.NumberInput(attrs={"step": "any", "min": low, "data-crop": name}))
        for name, label, low in zip(CROP, ("Left", "Top", "Width", "Height"), (0, 0, 1, 1), strict=True)
    )
    alt = forms.CharField(label="Alternative text", max_length=300, required=False, help_text="What the picture shows.")

    class Meta:
        model = Expression
        fields = ("state", "asset")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in CROP:
            value = self.instance.crop.get(name)
            self.initial.setdefault(f"crop_{name}", int(value) if isinstance(value, float) and value.is_integer() else value)
        self.initial.setdefault("alt", self.instance.meta.get("alt", ""))
        self.fields["asset"].label = "Picture"

    def crop_fields(self) -> list[forms.BoundField]:
        return [self[f"crop_{name}"] for name in CROP]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        given = {name: data[f"crop_{name}"] for name in CROP if data.get(f"crop_{name}") is not None}
        if given and len(given) < len(CROP):
            missing = next(name for name in CROP if name not in given)
            self.add_error(f"crop_{missing}", "Give all four numbers of the crop, or none.")
        if not set(self.errors) & {f"crop_{name}" for name in CROP}:
            self.instance.crop = {name: int(value) if value == int(value) else value for name, value in given.items()}
            self._inside(data.get("asset"))
        if refused := self.data.get(self.add_prefix("upload_error")):
            self.errors.pop("asset", None)
            self.add_error("upload", str(refused))
        kept = {name: value for name, value in self.instance.meta.items() if name != "alt"}
        self.instance.meta = {**kept, **({"alt": data["alt"]} if data.get("alt") else {})}
        return data

    def _inside(self, asset: Any) -> None:
        crop = self.instance.crop
        if crop and asset is not None and asset.width and asset.height:
            for name, start, whole in (("width", "x", asset.width), ("height", "y", asset.height)):
                if crop[start] + crop[name] > whole + 0.5:
                    self.add_error(f"crop_{name}", f"The picture is {asset.width} × {asset.height}; this part lies outside of it.")
