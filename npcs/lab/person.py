"""The form of one person: every trait a field, what is inherited shown beside it, and the whole as JSON for who wants it so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django import forms

from npcs.models import NpcState
from npcs.snapshot import OCEAN
from pixsim.lib import schema
from pixsim.lib.admin import JSONText
from worlds.admin import AuthoredForm
from worlds.models import Location, World
from worlds.rules.packages import enabled, felt_axes, felt_tiers

from . import overrides
from .fields import Json, Pairs, Prose, Slider, Words, axis_slider

TEXTS: Final = ("occupation", "voice_style", "background")
LISTS: Final = ("quirks", "interests")
TRAITS: Final = (*OCEAN, *TEXTS, *LISTS)
META: Final = ("description", "note")
FELT: Final = "felt_"
NOT_SAVED: Final = "not_saved"
NO_BOX = "Use this text instead of the fields"


def _trait_schema(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = schema.load("npcs/personality").data["properties"][name]
    return found


def ends_of(name: str) -> tuple[str, str]:
    """The words at the ends of a trait, from its description in the schema: “0 careless … 1 disciplined.”"""
    low, _, high = _trait_schema(name)["description"].rstrip(".").partition(" … ")
    return low.removeprefix("0 "), high.removeprefix("1 ")


def _slider(name: str) -> forms.FloatField:
    return forms.FloatField(
        label=name.capitalize(), required=False, min_value=0, max_value=1, widget=Slider(low=0, high=1, step=0.01, ends=ends_of(name))
    )


def _json(label: str, help_text: str = "") -> JSONText:
    field = JSONText(label=label, required=False, help_text=help_text)
    field.empty = {}
    return field


class NpcForm(AuthoredForm):
    openness, conscientiousness, extraversion, agreeableness, neuroticism = (_slider(name) for name in OCEAN)
    occupation = forms.CharField(required=False, max_length=200, help_text="What they do for a living.")
    voice_style = forms.CharField(label="Voice", required=False, max_length=500, help_text="How they speak, such as “gruff but fair”.")
    background = Prose(max_length=4000, help_text="Where they come from.")
    quirks = Words(help_text="Small habits, one on each line.")
    interests = Words(help_text="What they like to talk about, one on each line.")
    other_traits = _json("Other traits", "Any other trait by name: a text, a number, a list.")
    personality_as_json = forms.BooleanField(label=NO_BOX, required=False)
    personality_json = _json("Personality as JSON")
    base_stats = Pairs(label="Base stats", help_text="Skills and attributes, such as “melee: 60”, one on each line.")
    pinned = forms.ModelChoiceField(
        label="Pinned to", queryset=Location.objects.none(), required=False, help_text="Holds the person here, whatever the week says."
    )
    description = Prose(max_length=4000, help_text="Who this is.")
    note = Prose(max_length=4000, rows=2, help_text="For authors only.")
    other_meta = _json("Everything else", "How the person is drawn (look), tags, and your own keys (extensions).")
    overrides_as_json = forms.BooleanField(label=NO_BOX, required=False)
    overrides_json = _json("Interaction overrides as JSON")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.world = self._world()
        self.manifest: Mapping[str, Any] = self.world.manifest if self.world else {}
        self.state = NpcState.objects.filter(npc=self.instance).first() if self.instance.pk else None
        self.groups: list[overrides.Group] = []
        self._shown: list[overrides.Group] = []
        self.felt: list[str] = []
        self._fill_initial()
        self._inherit_traits()
        self._add_felt()
        self._add_groups()

    def _world(self) -> World | None:
        if self.instance.world_id:
            own: World = self.instance.world
            return own
        named = str(self.data.get("world") or self.initial.get("world") or "")
        field: Any = self.fields.get("world")
        chosen: World | None = field.queryset.filter(pk=named).first() if field is not None and named.isdigit() and len(named) < 19 else None
        return chosen

    def _fill_initial(self) -> None:
        npc = self.instance
        own, meta = npc.personality, npc.meta
        start: Json = {name: own[name] for name in TRAITS if name in own and _fits(name, own[name])}
        start |= {"other_traits": {name: value for name, value in own.items() if name not in start}, "personality_json": own}
        start |= {name: meta[name] for name in META if name in meta}
        start |= {"other_meta": {name: value for name, value in meta.items() if name not in META}}
        start |= {"base_stats": list(npc.stats.items()), "overrides_json": npc.interaction_overrides}
        start |= {"pinned": self.state.current_location_id if self.state else None}
        self.initial = {**start, **self.initial}
        places: Any = self.fields["pinned"]
        places.queryset = Location.objects.filter(world=self.world).order_by("name", "pk") if self.world else Location.objects.none()
        roles = self.manifest.get("npc_roles") or {}
        if "role" in self.fields:
            self.fields["role"].widget.attrs |= {"list": "npc-roles"}
        self.roles = list(roles)

    def _inherit_traits(self) -> None:
        role = (self._role().get("default_personality")) or {}
        axes = felt["personality"].axes if "personality" in (felt := enabled(self.manifest)) else {}
        for name in OCEAN:
            widget: Any = self.fields[name].widget
            value = role.get(name, axes[name].default if name in axes else 0.5)
            widget.inherit(value, f"the role {self.instance.role}" if name in role else "the world")
        for name in (*TEXTS, *LISTS):
            if role.get(name):
                said = ", ".join(map(str, role[name])) if isinstance(role[name], list) else str(role[name])
                self.fields[name].widget.attrs["placeholder"] = f"{said} (from the role)"

    def _role(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = (self.manifest.get("npc_roles") or {}).get(self.instance.role) or {}
        return found

    def _add_felt(self) -> None:
        packages = enabled(self.manifest)
        tiers, start = felt_tiers(packages), self.state.relationships if self.state else {}
        for name, axis in felt_axes(packages).items():
            field: Any = forms.FloatField if axis.step != int(axis.step) else forms.IntegerField
            self.fields[FELT + name] = field(
                label=axis.title, required=False, min_value=axis.minimum, max_value=axis.maximum, widget=axis_slider(axis, tiers.get(name))
            )
            self.initial.setdefault(FELT + name, start.get(name))
            self.felt.append(FELT + name)

    def _add_groups(self) -> None:
        world, role = self.manifest.get("interactions") or {}, self._role().get("interaction_overrides") or {}
        own = self.instance.interaction_overrides
        self._shown = overrides.groups_of(world, role, own)
        self.groups = overrides.groups_of(world, role, own, self.data) if self.is_bound else self._shown

    # -- what the template asks ---------------------------------------------------------------------------------------
    def world_field(self) -> forms.BoundField | None:
        return self["world"] if "world" in self.fields else None

    def felt_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.felt]

    def ocean_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in OCEAN]

    # -- what comes in ------------------------------------------------------------------------------------------------
    def clean(self) -> dict[str, Any]:
        data = super().clean()
        npc = self.instance
        said = {name: data.get(name) for name in (*TRAITS, "other_traits")}
        if not set(said) & set(self.errors):
            npc.personality = self.personality()
            self._check("npcs/personality", npc.personality, self._trait_field)
        npc.stats = self._numbers(data.get("base_stats") or [])
        self._check("npcs/stats", npc.stats, lambda _: "base_stats")
        npc.meta = {**(data.get("other_meta") or {}), **{name: data[name] for name in META if data.get(name)}}
        if "other_meta" not in self.errors:
            self._check("npcs/npc_meta", npc.meta, lambda part: part if part in META else "other_meta")
        self._clean_overrides(data)
        if not self.errors and "_test" in self.data:
            self.add_error(None, forms.ValidationError("Nothing is saved yet.", code=NOT_SAVED))
        return data

    def personality(self) -> Json:
        """The traits as the form says them, in the order they had."""
        data = self.cleaned_data
        if data.get("personality_as_json"):
            return dict(data.get("personality_json") or {})
        said = {**(data.get("other_traits") or {}), **{name: data[name] for name in TRAITS if data.get(name) not in (None, "", [])}}
        kept = {name: value for name, value in self.instance.personality.items() if name in LISTS and value == [] and name not in said}
        return {**said, **kept}

    def relationships(self) -> Json:
        """How the person starts; an axis that no package of the world has is kept."""
        start = self.state.relationships if self.state else {}
        kept = {axis: value for axis, value in start.items() if FELT + axis not in self.fields}
        given = {name: self.cleaned_data.get(name) for name in self.felt}
        return {**kept, **{name.removeprefix(FELT): value for name, value in given.items() if value is not None}}

    def save_state(self) -> None:
        """Beside the NPC, inside the same authored change."""
        state = NpcState.objects.filter(npc=self.instance).first() or NpcState(npc=self.instance)
        before = (state.current_location_id, state.relationships)
        state.current_location, state.relationships = self.cleaned_data.get("pinned"), self.relationships()
        state.version += bool(state.pk) and before != (state.current_location_id, state.relationships)
        state.save()

    def _numbers(self, pairs: list[tuple[str, int | float]]) -> Json:
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            self.add_error("base_stats", f"“{twice[0]}” is there twice.")
        return dict(pairs)

    def _clean_overrides(self, data: Json) -> None:
        npc = self.instance
        if data.get("overrides_as_json"):
            if "overrides_json" not in self.errors:
                npc.interaction_overrides = dict(data.get("overrides_json") or {})
        else:
            before = npc.interaction_overrides
            npc.interaction_overrides = overrides.patch_of(self.groups, self._shown, before)
        for error in schema.errors("npcs/interaction_overrides", npc.interaction_overrides):
            if data.get("overrides_as_json") or not overrides.tell(self.groups, error.pointer, error.message):
                self.add_error("overrides_json", f"{error.pointer or '/'}: {error.message}")
        if any(group.errors or any(row.errors for row in group.rows) for group in self.groups):
            self.add_error(None, "An interaction needs correcting; it says what at its field.")

    def _check(self, name: str, value: Any, field_of: Callable[[str], str]) -> None:
        for error in schema.errors(name, value):
            part = error.pointer.split("/")[1] if error.pointer.count("/") else ""
            field = field_of(part)
            place = error.pointer.removeprefix(f"/{part}") if field == part else error.pointer
            self.add_error(field, f"{place}: {error.message}" if place else error.message)

    def _trait_field(self, part: str) -> str:
        if self.cleaned_data.get("personality_as_json"):
            return "personality_json"
        return part if part in TRAITS else "other_traits"


def _fits(name: str, value: Any) -> bool:
    """Whether a trait has the kind its field takes; another kind is shown among the others."""
    if name in OCEAN:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if name in LISTS:
        return isinstance(value, list) and all(isinstance(entry, str) and entry.strip() == entry and entry and "\n" not in entry for entry in value)
    return isinstance(value, str) and value == value.strip() and value != "" and "\r" not in value
