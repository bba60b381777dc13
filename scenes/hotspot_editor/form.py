"""One hotspot as a form: what is clicked, what is asked, what happens, and when it is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.urls import reverse

from npcs.models import Npc
from pixsim.lib import schema
from pixsim.lib.admin import JSONText
from pixsim.lib.errors import FieldError
from pixsim.lib.fields import KEY_LENGTH
from scenes.models import Hotspot, Scene
from scenes.objects import Object, found
from worlds.models import Location

KEPT = "kept"
"""The object a hotspot has that the model does not know: it stays until another is chosen."""
SIDES = ("x", "y", "width", "height")
ACTIONS = [("play_scene", "Play a scene"), ("change_location", "Go to a place"), ("npc_talk", "Talk to somebody"), ("", "Nothing yet")]
TARGETS = {"play_scene": "scene", "change_location": "location", "npc_talk": "npc"}
META = ("prompt_text", "label", "once", "hide_locked", "cooldown_sec", "note", "extensions")
FIELDS = {
    "/hotspot_id": "hotspot_id",
    "/action": "action",
    "/region": "x",
    "/target": "object",
    "/conditions": "conditions",
    **{f"/meta/{name}": name for name in META},
}
"""Where a problem is shown, the longest pointer that fits first."""


class HotspotForm(forms.Form):
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    object = forms.ChoiceField(required=False)
    label = forms.CharField(max_length=120, required=False, help_text="What players read; made from the key when left empty.")
    hotspot_id = forms.CharField(
        label="Key",
        max_length=KEY_LENGTH,
        required=False,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9_]*$", "Lower-case letters, digits and _.")],
        help_text="Made from the object when left empty.",
    )
    prompt_text = forms.CharField(
        label="Prompt", max_length=500, required=False, help_text="Asked before anything happens, such as “Enter the tavern?”"
    )
    x = forms.FloatField(label="Left", required=False, min_value=0, max_value=1)
    y = forms.FloatField(label="Top", required=False, min_value=0, max_value=1)
    width = forms.FloatField(label="Width", required=False, min_value=0.001, max_value=1)
    height = forms.FloatField(label="Height", required=False, min_value=0.001, max_value=1)
    action = forms.ChoiceField(label="What happens", required=False, choices=ACTIONS)
    scene = forms.ChoiceField(required=False)
    new_scene = forms.CharField(label="Title of a new scene", max_length=200, required=False)
    location = forms.ChoiceField(label="Place", required=False)
    npc = forms.ChoiceField(label="Person", required=False)
    interaction = forms.CharField(max_length=KEY_LENGTH, required=False, help_text="Which one; “talk” when left empty.")
    conditions = JSONText(required=False)
    once = forms.BooleanField(required=False, help_text="Only one time in a playthrough.")
    hide_locked = forms.BooleanField(label="Hidden while locked", required=False, help_text="Instead of shown with the reason why it is not open.")
    cooldown_sec = forms.IntegerField(label="Cooldown", required=False, min_value=0, help_text="Seconds of world time before it can be had again.")
    note = forms.CharField(max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="For authors.")
    extensions = JSONText(required=False, help_text="Your own keys, as JSON.")

    def __init__(self, data: Any = None, *, place: Location, hotspot: Hotspot, scenes: Sequence[Scene], creating: bool = False) -> None:
        self.place, self.hotspot, self.creating = place, hotspot, creating
        self.objects: list[Object] = list(place.asset.meta.get("objects", ())) if place.asset else []
        super().__init__(data, initial=self._initial())
        self._offer("object", [("", "No object"), (KEPT, "As it is"), *((str(one["node_index"]), one["object_name"]) for one in self.objects)])
        self._offer("scene", [("", "–"), *((scene.key, scene.title) for scene in scenes)])
        self._offer("location", [("", "–"), *Location.objects.filter(world=place.world_id).order_by("name").values_list("key", "name")])
        self._offer("npc", [("", "–"), *Npc.objects.filter(world=place.world_id).order_by("name").values_list("key", "name")])
        for name in ("conditions", "extensions"):
            field: Any = self.fields[name]
            field.empty = {}
        self.fields["conditions"].widget.attrs["data-form"] = f"{reverse('admin:worlds_form', args=('worlds', 'conditions'))}?world={place.world_id}"
        for name in SIDES:
            self.fields[name].widget.attrs["step"] = "0.001"

    def _offer(self, name: str, choices: list[Any]) -> None:
        field: Any = self.fields[name]
        chosen = self.initial.get(name)
        field.choices = choices if not chosen or any(value == chosen for value, _ in choices) else [*choices, (chosen, f"{chosen} (not there yet)")]

    def names(self) -> dict[str, str]:
        """What the places and people on offer are called, by key."""
        return {str(key): str(name) for offered in ("location", "npc") for key, name in self.fields[offered].choices if key}  # type: ignore[attr-defined]

    def _initial(self) -> dict[str, Any]:
        spot = self.hotspot
        mesh, action = spot.target.get("mesh") or {}, spot.action
        there = found(mesh, self.objects) if mesh else None
        kind = str(action.get("type") or "") if spot.pk else "play_scene"
        return {
            "version": spot.version if spot.pk else None,
            "object": str(there["node_index"]) if there else KEPT if mesh else "",
            "hotspot_id": spot.key,
            **{name: spot.meta[name] for name in META if name in spot.meta},
            **{name: (spot.region or {}).get(name) for name in SIDES},
            "action": kind,
            **{name: action.get(name) or action.get(f"{name}_id") or "" for name in TARGETS.values()},
            "interaction": action.get("interaction", ""),
            "conditions": spot.conditions,
        }

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        kind = data.get("action")
        wanted = TARGETS.get(kind or "")
        if self.creating and not data.get("new_scene"):
            self.add_error("new_scene", "Say what the new scene is called.")
        elif wanted and not self.creating and wanted not in self.errors and not data.get(wanted):
            self.add_error(wanted, {"scene": "Choose a scene, or make a new one.", "location": "Choose a place.", "npc": "Choose a person."}[wanted])
        given = [data.get(name) is not None for name in SIDES]
        if any(given) and not all(given):
            self.add_error("x", "A rectangle has all four numbers, or none.")
        if not self.errors:
            self.tell([FieldError(*one) for name in ("action", "meta", "region") for one in self._wrong(name)])
        return data

    def _wrong(self, name: str) -> list[Any]:
        names = {"action": "scenes/hotspot_action", "meta": "scenes/hotspot_meta", "region": "scenes/region"}
        conditions = schema.errors("worlds/conditions", self.cleaned_data["conditions"] or {}, prefix="/conditions") if name == "meta" else []
        return [*schema.errors(names[name], self.entry()[name], prefix=f"/{name}"), *conditions]

    def tell(self, problems: Sequence[FieldError]) -> None:
        """Problems at their fields."""
        for problem in problems:
            field = next((FIELDS[pointer] for pointer in sorted(FIELDS, key=len, reverse=True) if problem.pointer.startswith(pointer)), None)
            self.add_error(field, problem.message)

    def entry(self) -> dict[str, Any]:
        """What the author wrote, under the names of the API. Only of a cleaned form."""
        data = self.cleaned_data
        region = {name: data[name] for name in SIDES}
        return {
            "hotspot_id": data.get("hotspot_id") or None,
            "target": self._target(),
            "region": region if None not in region.values() else None,
            "action": self._action(),
            "conditions": data.get("conditions") or {},
            "meta": {name: data[name] for name in META if data.get(name) not in (None, "", False, {})},
        }

    def _target(self) -> dict[str, Any]:
        chosen = self.cleaned_data.get("object")
        if chosen == KEPT:
            return dict(self.hotspot.target)
        picked = next((one for one in self.objects if str(one["node_index"]) == chosen), None)
        return {"mesh": dict(picked)} if picked else {}

    def _action(self) -> Mapping[str, Any]:
        kind = self.cleaned_data.get("action") or ""
        name = TARGETS.get(kind)
        if name is None:
            return {}
        action: dict[str, Any] = {"type": kind}
        value = self.cleaned_data.get(name)
        kept = self.hotspot.action.get(f"{name}_id") if self.hotspot.pk else None
        if kept is not None and str(kept) == value:
            action[f"{name}_id"] = kept
        elif value:
            action[name] = value
        if kind == "npc_talk" and self.cleaned_data.get("interaction"):
            action["interaction"] = self.cleaned_data["interaction"]
        return action
