"""The forms of the control center: what an author says about a clip, as an order for generation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms

from generation.models import Asset, Generation
from generation.orders import From, Order
from generation.providers.base import Operation
from npcs.models import Npc
from npcs.portrayal import Portrayal, portray
from pixsim.lib.errors import FieldError
from worlds.models import World

from .models import Scene, SceneNode

SUGGESTIONS: dict[str, tuple[str, ...]] = {
    "time_of_day": ("dawn", "morning", "noon", "afternoon", "dusk", "evening", "night"),
    "weather": ("clear", "foggy", "overcast", "rain", "storm", "snow", "windy"),
    "mood": ("mysterious", "calm", "cheerful", "tense", "melancholic", "romantic", "eerie"),
    "camera_movement": ("static", "slow pan", "pan left", "pan right", "push in", "pull out", "tilt up", "handheld"),
    "pose": ("leaning_on_bar", "standing", "sitting", "arms_crossed", "walking", "looking_away"),
    "person_mood": ("neutral", "curious", "happy", "angry", "sad", "flirty"),
    "camera_angle": ("medium_closeup", "closeup", "medium_shot", "wide_shot", "over_the_shoulder"),
}
STYLE = ("time_of_day", "weather", "mood", "camera_movement")
ACTION = {"pose": "pose", "intensity": "intensity", "person_mood": "mood", "camera_angle": "camera_angle"}
POINTERS = {
    "/inputs/prompt": "prompt",
    "/inputs/duration_sec": "duration_sec",
    "/inputs/first_frame_asset_id": "from_scene",
    "/canonical_params/quality": "quality",
    "/canonical_params/seed": "seed",
    "/provider_id": "provider_id",
    "/strategy": "strategy",
    **{f"/inputs/style/{name}": name for name in STYLE},
    **{f"/action_block/{key}": name for name, key in ACTION.items()},
}
"""Where a problem of an order is shown."""


def suggest(name: str) -> forms.TextInput:
    """A text with words to choose from; the page holds the lists, one for each name."""
    return forms.TextInput(attrs={"list": f"suggest-{name}", "autocomplete": "off"})


class OrderForm(forms.Form):
    """What every clip needs. Children say how it becomes an order."""

    kind = ""
    prompt = forms.CharField(max_length=5000, widget=forms.Textarea(attrs={"rows": 4}), help_text="What it shows, in a sentence or two.")
    target = forms.ChoiceField(label="Put it on", required=False, help_text="The clip is put there by itself when it is made.")
    duration_sec = forms.FloatField(label="Seconds", min_value=1, max_value=30, initial=8)
    quality = forms.ChoiceField(choices=[("low", "Low"), ("medium", "Medium"), ("high", "High")], initial="high")
    seed = forms.IntegerField(min_value=0, max_value=2**31 - 1, initial=42, help_text="The same seed gives the same clip where the provider can.")
    provider_id = forms.ChoiceField(label="Provider")
    strategy = forms.ChoiceField(choices=Generation.Strategy.choices, initial="once")

    def __init__(self, *args: Any, world: World, nodes: Iterable[SceneNode], providers: Iterable[Mapping[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.world = world
        self.choose_from("target", [("", "Nowhere yet: keep it among the assets"), *targets(nodes)])
        self.choose_from("provider_id", [(one["id"], one["choice"]) for one in providers])
        self.fields["provider_id"].initial = next((one["id"] for one in providers if one["usable"] and not one["local"]), "animatic")

    def choose_from(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 – for the type checker
        field.choices = choices

    @property
    def scene_context(self) -> dict[str, Any]:
        scene, _, node = str(self.cleaned_data.get("target") or "").partition(":")
        return {"scene_id": int(scene), "node_id": node} if scene else {}

    def order(self) -> Order:
        """Only of a valid form."""
        raise NotImplementedError

    def base(self, *, operation: Operation, style: dict[str, Any], inputs: dict[str, Any], **more: Any) -> Order:
        data = self.cleaned_data
        return Order(
            operation_type=str(operation),
            provider_id=data["provider_id"],
            world_id=self.world.pk,
            inputs={"prompt": data["prompt"], "duration_sec": whole(data["duration_sec"]), "style": said(style), **inputs},
            canonical_params={"seed": data["seed"], "aspect_ratio": "16:9", "quality": data["quality"]},
            strategy=data["strategy"],
            scene_context=self.scene_context,
            **more,
        )

    def tell(self, problems: Iterable[FieldError]) -> None:
        """Problems of the order at their fields."""
        for problem in problems:
            field = POINTERS.get(problem.pointer)
            self.add_error(field if field in self.fields else None, problem.message)


class EnvironmentForm(OrderForm):
    """A place: weather, light, camera. Coming from another scene it begins with that scene's picture."""

    kind = "environment"
    from_scene = forms.ChoiceField(label="From scene", required=False, help_text="It begins with that scene's picture.")
    time_of_day = forms.CharField(max_length=60, required=False, initial="dawn", widget=suggest("time_of_day"))
    weather = forms.CharField(max_length=60, required=False, initial="foggy", widget=suggest("weather"))
    mood = forms.CharField(max_length=60, required=False, initial="mysterious", widget=suggest("mood"))
    camera_movement = forms.CharField(max_length=60, required=False, initial="slow pan", widget=suggest("camera_movement"))
    field_order = ("prompt", "from_scene", "target", *STYLE, "duration_sec", "quality", "provider_id", "strategy", "seed")

    def __init__(self, *args: Any, scenes: Iterable[Scene], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose_from("from_scene", [("", "None: it stands alone"), *((str(scene.pk), scene.title) for scene in scenes)])

    def clean_from_scene(self) -> Asset | None:
        """The picture of the scene one comes from. One query."""
        if not self.cleaned_data["from_scene"]:
            return None
        nodes = SceneNode.objects.filter(scene=self.cleaned_data["from_scene"], scene__world=self.world)
        names = [node.meta.get("still") for node in nodes.order_by("position", "pk")]
        named = {row.key: row.asset for row in self.world.world_assets.filter(key__in=[name for name in names if name]).select_related("asset")}
        found = next((named[name] for name in names if name in named and named[name].status == Asset.Status.READY), None)
        if found is None:
            raise forms.ValidationError("This scene has no picture yet to begin with.")
        return found

    def order(self) -> Order:
        style = {name: self.cleaned_data[name] for name in STYLE}
        first = self.cleaned_data["from_scene"]
        inputs = {"first_frame_asset_id": first.pk} if first else {}
        return self.base(operation=Operation.VIDEO_TRANSITION, style=style, inputs=inputs)


class CharacterForm(OrderForm):
    """A person doing something somewhere. The prompt can be written from who they are and how things stand, and then edited."""

    kind = "character"
    npc = forms.ChoiceField(label="Person")
    pose = forms.CharField(max_length=60, required=False, initial="leaning_on_bar", widget=suggest("pose"))
    intensity = forms.FloatField(min_value=0, max_value=1, initial=0.6, widget=forms.NumberInput(attrs={"step": "0.1"}))
    person_mood = forms.CharField(label="Mood", max_length=60, required=False, initial="curious", widget=suggest("person_mood"))
    camera_angle = forms.CharField(max_length=60, required=False, initial="medium_closeup", widget=suggest("camera_angle"))
    affinity = forms.IntegerField(min_value=-100, max_value=100, required=False, help_text="Empty: as it is at the beginning.")
    chemistry = forms.IntegerField(min_value=-100, max_value=100, required=False)
    field_order = ("npc", "target", *ACTION, "affinity", "chemistry", "prompt", "duration_sec", "quality", "provider_id", "strategy", "seed")

    def __init__(self, *args: Any, people: Iterable[Npc], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(npc.pk): npc for npc in people}
        self.choose_from("npc", [(key, npc.name) for key, npc in self.people.items()])
        self.fields["prompt"].required = self.data.get("action") != "write"

    @property
    def person(self) -> Npc:
        return self.people[self.cleaned_data["npc"]]

    @property
    def action_block(self) -> dict[str, Any]:
        return said({key: self.cleaned_data.get(name) for name, key in ACTION.items()})

    def portrayal(self) -> Portrayal:
        """The prompt written from person and state. Raises Invalid."""
        relationship = {axis: self.cleaned_data[axis] for axis in ("affinity", "chemistry") if self.cleaned_data.get(axis) is not None}
        scene_id = self.scene_context.get("scene_id")
        scene = Scene.objects.filter(pk=scene_id, world=self.world).select_related("location").first() if scene_id else None
        state = {"relationships": {self.person.key: relationship}} if relationship else {}
        return portray(npc=self.person, place=scene.location if scene else None, action_block=self.action_block, style={}, state=state)

    def order(self) -> Order:
        person = self.person
        return self.base(
            operation=Operation.TEXT_TO_VIDEO,
            style={},
            inputs={},
            npc_id=person.pk,
            action_block=self.action_block,
            sources=(From(kind="npc", npc_id=person.pk, npc_key=person.key, note=person.name),),
        )


def targets(nodes: Iterable[SceneNode]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Nodes in the groups of their scenes; those without a clip say so."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for node in nodes:
        label = f"{node.label or node.key}{'' if node.asset_id else ' (no clip yet)'}"
        groups.setdefault(node.scene.title, []).append((f"{node.scene_id}:{node.key}", label))
    yield from groups.items()


def said(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what was left empty."""
    return {name: value for name, value in values.items() if value not in (None, "")}


def whole(value: float) -> float:
    """8.0 as 8: the same request has one form."""
    return int(value) if value == int(value) else value
