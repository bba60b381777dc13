"""The story graph: what comes in, what goes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from npcs.portrayal import Portrayal
from pixsim.lib.api.fields import Flag, Id, Json, Key, Number, Reference, Text
from pixsim.lib.api.serializers import Strict
from worlds.serializers import WorldOutput

from .models import Hotspot, Scene, SceneEdge, SceneNode


# -- scenes -----------------------------------------------------------------------------------------------------------
class SceneChange(Strict):
    key = Key(required=False, help_text="Made from the title when absent.")
    title = Text(max_length=200)
    description = Text(max_length=10_000, required=False, allow_null=True, allow_blank=True)
    entry_node_id = Key(required=False, allow_null=True, help_text="Null means the first node posted.")
    location_id = Reference(required=False, allow_null=True, help_text="Entering the scene moves the player there.")
    npc_id = Reference(required=False, allow_null=True)
    is_entry = Flag(required=False, help_text="A new session starts here; one scene of a world.")
    meta = Json(schema="scenes/scene_meta", required=False, allow_null=True)


class SceneInput(SceneChange):
    world_id = Id(required=False, allow_null=True, help_text="May be left out where you have one world, or the place or NPC tells it.")


class SceneOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    world_id = serializers.IntegerField()
    key = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    entry_node_id = serializers.CharField(allow_null=True)
    location_id = serializers.IntegerField(allow_null=True)
    npc_id = serializers.IntegerField(allow_null=True)
    is_entry = serializers.BooleanField()
    meta = Json(schema="scenes/scene_meta")
    version = serializers.IntegerField(help_text="The ETag; counts changes of nodes and edges too.")


def scene_shape(scene: Scene) -> dict[str, Any]:
    return {
        "id": scene.pk,
        "world_id": scene.world_id,
        "key": scene.key,
        "title": scene.title,
        "description": scene.description,
        "entry_node_id": scene.entry_node or getattr(scene, "first_node", None),
        "location_id": scene.location_id,
        "npc_id": scene.npc_id,
        "is_entry": scene.is_entry,
        "meta": scene.meta,
        "version": scene.version,
    }


# -- nodes ------------------------------------------------------------------------------------------------------------
class NodeChange(Strict):
    id = Key(required=False, help_text="The node's key, made when absent.")
    kind = serializers.ChoiceField(
        choices=SceneNode.Kind.choices,
        required=False,
        help_text="When absent: from the …Config block of meta, else generationConfig.type, else video.",
    )
    label = Text(max_length=200, required=False, allow_null=True, allow_blank=True)  # type: ignore[assignment]
    asset_id = Id(required=False, allow_null=True)
    loopable = Flag(required=False, help_text="Wins over meta.videoConfig.")
    skippable = Flag(required=False, help_text="Wins over meta.videoConfig.")
    meta = Json(schema="scenes/node_meta", required=False, allow_null=True)


class NodeOutput(serializers.Serializer[Any]):
    id = serializers.CharField()
    kind = serializers.CharField()
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    asset_id = serializers.IntegerField(allow_null=True)
    loopable = serializers.BooleanField()
    skippable = serializers.BooleanField()
    meta = Json(schema="scenes/node_meta")


def node_shape(node: SceneNode) -> dict[str, Any]:
    return {
        "id": node.key,
        "kind": node.kind,
        "label": node.label,
        "asset_id": node.asset_id,
        "loopable": node.loopable,
        "skippable": node.skippable,
        "meta": node.meta,
    }


# -- edges ------------------------------------------------------------------------------------------------------------
class EdgeChange(Strict):
    id = Key(required=False, help_text="The edge's key, made when absent.")
    from_node_id = Key()
    to_node_id = Key(required=False, allow_null=True)
    to_scene_id = Reference(required=False, allow_null=True, help_text="Instead of to_node_id.")
    choice_label = Text(max_length=300, required=False, allow_null=True, allow_blank=True, help_text="Null for an automatic edge.")
    weight = Number(required=False, min_value=0, max_value=1_000_000)
    conditions = Json(schema="worlds/conditions", required=False, allow_null=True)
    effects = Json(schema="worlds/effects", required=False, allow_null=True)
    meta = Json(schema="scenes/edge_meta", required=False, allow_null=True)


class EdgeOutput(serializers.Serializer[Any]):
    id = serializers.CharField()
    from_node_id = serializers.CharField()
    to_node_id = serializers.CharField(allow_null=True)
    to_scene_id = serializers.IntegerField(allow_null=True)
    choice_label = serializers.CharField(allow_null=True)
    weight = serializers.FloatField()
    conditions = Json(schema="worlds/conditions", allow_null=True)
    effects = Json(schema="worlds/effects", allow_null=True)
    meta = Json(schema="scenes/edge_meta")


def edge_shape(edge: SceneEdge, nodes: Mapping[int, str]) -> dict[str, Any]:
    """`nodes`: the scene's node keys by id."""
    return {
        "id": edge.key,
        "from_node_id": nodes[edge.source_id],
        "to_node_id": nodes[edge.target_id] if edge.target_id else None,
        "to_scene_id": edge.to_scene_id,
        "choice_label": edge.label or None,
        "weight": edge.weight,
        "conditions": edge.conditions or None,
        "effects": edge.effects or None,
        "meta": edge.meta,
    }


# -- the whole graph --------------------------------------------------------------------------------------------------
class GraphInput(Strict):
    entry_node_id = Key(required=False, allow_null=True)
    nodes = NodeChange(many=True, max_length=2_000)  # type: ignore[call-arg]
    edges = EdgeChange(many=True, max_length=10_000)  # type: ignore[call-arg]


class GraphOutput(SceneOutput):
    nodes = NodeOutput(many=True)
    edges = EdgeOutput(many=True)


# -- hotspots ---------------------------------------------------------------------------------------------------------
class HotspotChange(Strict):
    hotspot_id = Key(required=False, help_text="Its key, made when absent.")
    target = Json(schema="scenes/hotspot_target", required=False, allow_null=True)
    region = Json(schema="scenes/region", required=False, allow_null=True, help_text="A rectangle on the picture, 0 to 1.")
    action = Json(schema="scenes/hotspot_action", required=False, allow_null=True)
    conditions = Json(schema="worlds/conditions", required=False, allow_null=True)
    meta = Json(schema="scenes/hotspot_meta", required=False, allow_null=True)


class HotspotInput(HotspotChange):
    world_id = Id(required=False, allow_null=True, help_text="May be left out where you have one world, or the place or scene tells it.")
    scope = serializers.ChoiceField(choices=Hotspot.Scope.choices, required=False)
    location_id = Reference(required=False, allow_null=True)
    scene_id = Reference(required=False, allow_null=True)


class HotspotFilter(Strict):
    world_id = Id(required=False)
    location_id = Id(required=False)
    scene_id = Id(required=False)
    scope = serializers.ChoiceField(choices=Hotspot.Scope.choices, required=False)


class HotspotOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    world_id = serializers.IntegerField()
    scope = serializers.CharField()
    location_id = serializers.IntegerField(allow_null=True)
    scene_id = serializers.IntegerField(allow_null=True)
    hotspot_id = serializers.CharField()
    target = Json(schema="scenes/hotspot_target")
    region = Json(schema="scenes/region", allow_null=True)
    action = Json(schema="scenes/hotspot_action")
    conditions = Json(schema="worlds/conditions", allow_null=True)
    meta = Json(schema="scenes/hotspot_meta")
    version = serializers.IntegerField(help_text="The ETag.")


def hotspot_shape(hotspot: Hotspot) -> dict[str, Any]:
    return {
        "id": hotspot.pk,
        "world_id": hotspot.world_id,
        "scope": hotspot.scope,
        "location_id": hotspot.location_id,
        "scene_id": hotspot.scene_id,
        "hotspot_id": hotspot.key,
        "target": hotspot.target,
        "region": hotspot.region,
        "action": hotspot.action,
        "conditions": hotspot.conditions or None,
        "meta": hotspot.meta,
        "version": hotspot.version,
    }


# -- bundles ----------------------------------------------------------------------------------------------------------
class ImportInput(Strict):
    file = serializers.FileField(help_text="A .pixsim.zip")


class ImportOutput(WorldOutput):
    pending = serializers.IntegerField(help_text="How many of its assets have no file here yet.")


# -- prompts ----------------------------------------------------------------------------------------------------------
class VisualInput(Strict):
    npc_id = Id()
    scene_id = Id(required=False, allow_null=True, help_text="Gives the place; else where the state has the player, else where the NPC is.")
    action_block = Json(schema="npcs/action_block", required=False, help_text="pose, intensity 0–1, mood, camera_angle, …")
    style = Json(schema="worlds/style", required=False, help_text="time_of_day, weather, mood, lighting, camera_movement, …")
    state = Json(schema="npcs/mock_state", required=False, help_text="How things stand; else as at the beginning of a session.")


class PhraseOutput(serializers.Serializer[Any]):
    text = serializers.CharField()
    sources = serializers.ListField(child=serializers.CharField())


class SectionOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    text = serializers.CharField()
    sources = serializers.ListField(child=serializers.CharField(), help_text="Such as personality.occupation, action_block.pose, place.lighting.")
    phrases = PhraseOutput(many=True)


class VisualOutput(serializers.Serializer[Any]):
    npc_id = serializers.IntegerField()
    text = serializers.CharField()
    sections = SectionOutput(many=True)
    relationship = serializers.DictField(help_text="By axis: value, and the words for it.")
    snapshot = serializers.DictField()


def visual_shape(npc_id: int, found: Portrayal) -> dict[str, Any]:
    return {
        "npc_id": npc_id,
        "text": found.prompt.text,
        "sections": [
            {
                "name": section.name,
                "text": section.text,
                "sources": list(section.sources),
                "phrases": [{"text": phrase.text, "sources": list(phrase.sources)} for phrase in section.phrases],
            }
            for section in found.prompt.sections
        ],
        "relationship": found.relationship,
        "snapshot": found.snapshot,
    }
