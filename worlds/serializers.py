"""Worlds and places: what comes in, what goes out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pixsim.lib.api.fields import Id, Json, Key, Number, Text
from pixsim.lib.api.serializers import Strict

from .models import Location, World


class WorldInput(Strict):
    name = Text(max_length=200)
    meta = Json(schema="worlds/world_meta", required=False, allow_null=True, help_text="`theme`, `tone`, `manifest`.")
    poster_asset_id = Id(required=False, allow_null=True)


class PublishedOutput(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    sha256 = serializers.CharField()
    at = serializers.DateTimeField()


class WorldOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    meta = Json(schema="worlds/world_meta")
    world_time = serializers.IntegerField(help_text="The author's clock, in seconds since the world began.")
    owner_user_id = serializers.IntegerField()
    poster_asset_id = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField(help_text="Counts authored changes of the whole world; the ETag.")
    published = PublishedOutput(allow_null=True)


def world_shape(world: World) -> dict[str, Any]:
    release = world.published
    state = getattr(world, "state", None)
    return {
        "id": world.pk,
        "name": world.name,
        "meta": world.meta,
        "world_time": state.world_time if state else 0,
        "owner_user_id": world.owner_id,
        "poster_asset_id": world.poster_id,
        "version": world.draft_version,
        "published": {"number": release.number, "sha256": release.sha256, "at": world.published_at} if release else None,
    }


class PlaceNameOutput(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()


class PublishedWorldOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    theme = serializers.CharField(allow_blank=True)
    poster = serializers.CharField(allow_null=True, help_text="URL of a picture.")
    rating = serializers.CharField(help_text="sfw, romantic, mature_implied or restricted")
    places = PlaceNameOutput(many=True)


class LocationChange(Strict):
    key = Key(required=False, help_text="Made from the name when absent.")
    name = Text(max_length=200)
    x = Number(required=False)
    y = Number(required=False)
    asset_id = Id(required=False, allow_null=True, help_text="A glTF model.")
    picture_asset_id = Id(required=False, allow_null=True)
    default_spawn = Json(schema="worlds/spawn", required=False, allow_null=True)
    travel_conditions = Json(schema="worlds/conditions", required=False, allow_null=True)
    meta = Json(schema="worlds/location_meta", required=False, allow_null=True)


class LocationInput(LocationChange):
    world_id = Id()


class LocationOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    world_id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()
    x = serializers.FloatField()
    y = serializers.FloatField()
    asset_id = serializers.IntegerField(allow_null=True)
    picture_asset_id = serializers.IntegerField(allow_null=True)
    default_spawn = Json(schema="worlds/spawn")
    travel_conditions = Json(schema="worlds/conditions")
    meta = Json(schema="worlds/location_meta")
    version = serializers.IntegerField(help_text="The ETag.")


def location_shape(location: Location) -> dict[str, Any]:
    return {
        "id": location.pk,
        "world_id": location.world_id,
        "key": location.key,
        "name": location.name,
        "x": location.x,
        "y": location.y,
        "asset_id": location.asset_id,
        "picture_asset_id": location.picture_id,
        "default_spawn": location.default_spawn,
        "travel_conditions": location.travel_conditions,
        "meta": location.meta,
        "version": location.version,
    }


class WorldFilter(Strict):
    """For lists of what belongs to a world."""

    world_id = Id(required=False)
