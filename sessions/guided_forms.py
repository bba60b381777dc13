"""The questions of the guided first world: a few plain ones for each step, in the words of a writer."""

from __future__ import annotations

from typing import Any

from django import forms

from worlds.models import Location

LOOKS = [
    ("harbor", "A harbor"), ("market", "A market"), ("tavern", "A tavern, inside"), ("street", "A street"),
    ("forest", "A forest"), ("sea", "The open sea"), ("hills", "Hills and fields"),
]  # fmt: skip
LIGHTS = [("dawn", "Dawn"), ("morning", "Morning"), ("noon", "Noon"), ("dusk", "Dusk"), ("night", "Night")]
WEATHER = [("clear", "Clear"), ("foggy", "Fog"), ("cloudy", "Clouds"), ("rainy", "Rain"), ("snowy", "Snow")]
MOODS = [
    ("mysterious", "Mysterious"),
    ("calm", "Calm"),
    ("cheerful", "Cheerful"),
    ("tense", "Tense"),
    ("melancholic", "Melancholic"),
    ("romantic", "Romantic"),
]
PRESENTATIONS = [("feminine", "A woman"), ("masculine", "A man"), ("androgynous", "Neither, or both")]
CLOTHING = [
    ("shirt", "Shirt"),
    ("vest", "Vest"),
    ("dress", "Dress"),
    ("apron", "Apron"),
    ("cloak", "Cloak"),
    ("naval_coat", "Naval coat"),
    ("guard_armor", "Armor"),
]
HAIR = [("black", "Black"), ("brown", "Brown"), ("red", "Red"), ("blond", "Blond"), ("grey", "Grey"), ("white", "White")]
SKIN = [("pale", "Pale"), ("fair", "Fair"), ("tan", "Tan"), ("olive", "Olive"), ("bronze", "Bronze"), ("brown", "Brown"), ("dark", "Dark")]


def long_text(**attrs: Any) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": 3, **attrs})


def slider(**attrs: Any) -> forms.NumberInput:
    return forms.NumberInput(attrs={"type": "range", "min": 0, "max": 100, "step": 5, **attrs})


class WorldStep(forms.Form):
    name = forms.CharField(label="What is your world called?", max_length=200)
    theme = forms.CharField(label="What is it about?", max_length=200, help_text="Such as: a fishing village that owes the sea something.")
    tone = forms.CharField(label="How does it feel?", max_length=200, required=False, help_text="Such as: quiet, a little eerie.")
    start_time = forms.TimeField(
        label="When does the story begin?", initial="08:00", input_formats=["%H:%M"], widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )


class PlaceStep(forms.Form):
    name = forms.CharField(label="Where does it begin?", max_length=200, help_text="The name of a place.")
    look = forms.ChoiceField(label="What kind of place is it?", choices=LOOKS)
    description = forms.CharField(
        label="What does one see there?", max_length=1000, widget=long_text(), help_text="One or two sentences; the picture follows them too."
    )
    light = forms.ChoiceField(label="Light", choices=LIGHTS, initial="morning")
    weather = forms.ChoiceField(label="Weather", choices=WEATHER)
    other = forms.CharField(label="Is there a second place to go to?", max_length=200, required=False, help_text="Its name, or leave it empty.")
    other_look = forms.ChoiceField(label="What kind of place is that?", choices=LOOKS, initial="tavern", required=False)


class PersonStep(forms.Form):
    name = forms.CharField(label="Whom does one meet?", max_length=200)
    role = forms.SlugField(label="What are they?", max_length=80, required=False, help_text="One word, such as innkeeper or guard.")
    presentation = forms.ChoiceField(label="They are", choices=PRESENTATIONS)
    age = forms.IntegerField(label="Age", min_value=18, max_value=90, initial=35)
    clothing = forms.ChoiceField(label="They wear", choices=CLOTHING)
    hair_color = forms.ChoiceField(label="Hair", choices=HAIR, initial="brown")
    skin = forms.ChoiceField(label="Skin", choices=SKIN, initial="tan")
    background = forms.CharField(label="What should one know about them?", max_length=1000, widget=long_text(), required=False)
    extraversion = forms.IntegerField(label="Shy … outgoing", min_value=0, max_value=100, initial=50, widget=slider())
    agreeableness = forms.IntegerField(label="Gruff … kind", min_value=0, max_value=100, initial=60, widget=slider())
    neuroticism = forms.IntegerField(label="Calm … anxious", min_value=0, max_value=100, initial=40, widget=slider())
    place = forms.ChoiceField(label="Where are they by day?")
    evening = forms.ChoiceField(label="And in the evening?")

    def __init__(self, *args: Any, places: list[Location], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("place", "evening"):
            self.fields[name].choices = [(str(place.pk), place.name) for place in places]  # type: ignore[attr-defined]

    def clean_role(self) -> str:
        return str(self.cleaned_data["role"]).lower().replace("-", "_")


class SceneStep(forms.Form):
    title = forms.CharField(label="A title for the first scene", max_length=200)
    opening = forms.CharField(
        label="What happens first?", max_length=2000, widget=long_text(), help_text="The player reads this over the first picture."
    )
    mood = forms.ChoiceField(label="Its mood", choices=MOODS)
    says = forms.CharField(label="What does the person say?", max_length=2000, widget=long_text())
    kind_choice = forms.CharField(
        label="A friendly answer", max_length=200, help_text="The player reads it on a button. It makes the person like him more."
    )
    kind_reply = forms.CharField(label="What comes of it?", max_length=2000, widget=long_text())
    cold_choice = forms.CharField(label="A cold answer", max_length=200, help_text="It makes the person like him less.")
    cold_reply = forms.CharField(label="And what of that?", max_length=2000, widget=long_text())
    secret_choice = forms.CharField(
        label="An answer only for friends",
        max_length=200,
        required=False,
        help_text="Locked until the person likes the player enough. Leave it empty for none.",
    )
