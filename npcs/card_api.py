"""Character cards of other tools: `/api/v1/game-npcs/import-card`, `/api/v1/game-npcs/{id}/card`."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.text import slugify
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import AuthorEndpoint
from pixsim.lib.api.fields import Id
from pixsim.lib.api.idempotency import idempotent
from pixsim.lib.api.parsers import LimitedMultiPart
from pixsim.lib.api.serializers import Strict
from worlds.queries import authored_world

from .api import own_npc
from .cards import services
from .cards.reading import MAX_FILE
from .serializers import NpcOutput, npc_shape

LOSSES = "X-PixSim-Losses"


class CardParser(LimitedMultiPart):
    thing, max_bytes = "A card", MAX_FILE


class CardInput(Strict):
    world_id = Id()
    file = serializers.FileField(help_text="A character card: JSON, or the PNG it is inside of.")


class CardQuery(Strict):
    format = serializers.ChoiceField(choices=["json", "png"], default="json", help_text="JSON, or the neutral portrait with the card inside.")


class LossOutput(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="Where in the file.")
    code = serializers.CharField()
    message = serializers.CharField()


class CardImportOutput(NpcOutput):
    losses = LossOutput(many=True, help_text="What has no place here, or not the whole of it. The card itself is kept.")


class ImportCardView(AuthorEndpoint):
    parser_classes = [CardParser]

    @describe(
        "An NPC from a character card (versions 1 to 3, JSON or PNG), all or nothing",
        body={"multipart/form-data": CardInput},
        answer=CardImportOutput,
        status=201,
        errors=[403, 404, 413],
        idempotent=True,
        tags=["npcs"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        data = self.body(CardInput)
        world = authored_world(request.user, data["world_id"])
        made = services.import_card(world=world, actor=self.actor, content=CardParser.read(data["file"]))
        answer = {**npc_shape(made.npc), "losses": [loss._asdict() for loss in made.losses]}
        return self.tagged(answer, made.npc.version, status=201, Location=f"/api/v1/game-npcs/{made.npc.pk}")


class CardView(AuthorEndpoint):
    @describe(
        "The NPC as a character card; one that came from a card and was not changed is that card again. The header X-PixSim-Losses tells how many "
        "things a card cannot carry",
        query=CardQuery,
        also={(200, "application/json"): OpenApiTypes.OBJECT, (200, "image/png"): OpenApiTypes.BINARY},
        errors=[404, 409],
        tags=["npcs"],
    )
    def get(self, request: Request, npc_id: int) -> HttpResponse:
        npc = own_npc(request, npc_id)
        kind = self.query(CardQuery)["format"]
        name, losses = slugify(npc.name) or "card", str(len(services.export_losses(npc)))
        headers = {
            "Content-Disposition": f'attachment; filename="{name}.{kind}"',
            LOSSES: losses,
            "Cache-Control": "private, no-cache",
        }
        if kind == "png":
            return HttpResponse(services.exported_png(npc), content_type="image/png", headers=headers)
        return Response(services.exported(npc).document, headers=headers)
