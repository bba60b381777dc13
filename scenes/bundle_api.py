"""A whole world out and in: `/api/v1/game-worlds/{id}/export`, `/api/v1/game-worlds/import`."""

from __future__ import annotations

import tempfile
from typing import Any

from django.http import FileResponse
from django.utils.text import slugify
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import AuthorEndpoint, get, require_author
from pixsim.lib.api.idempotency import idempotent
from pixsim.lib.api.parsers import LimitedMultiPart
from worlds import archive
from worlds.queries import authored_worlds
from worlds.serializers import world_shape

from . import bundle
from .serializers import ImportInput, ImportOutput

PENDING = "X-PixSim-Pending"


class BundleParser(LimitedMultiPart):
    thing, max_bytes = "A bundle", archive.MAX_BYTES


class ExportView(AuthorEndpoint):
    @describe(
        "The world as a .pixsim.zip; the header X-PixSim-Pending tells how many of its assets have no file here yet",
        also={(200, "application/zip"): OpenApiTypes.BINARY},
        errors=[404],
        tags=["worlds"],
    )
    def get(self, request: Request, world_id: int) -> Any:
        world = get(authored_worlds(request.user), pk=world_id)
        file = tempfile.SpooledTemporaryFile(max_size=8 << 20)  # noqa: SIM115 (FileResponse closes it)
        pending = bundle.export(world, file)
        file.seek(0)
        name = f"{slugify(world.name) or 'world'}.pixsim.zip"
        answer = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
        answer[PENDING], answer["Cache-Control"] = str(pending), "private, no-cache"
        return answer


class ImportView(AuthorEndpoint):
    parser_classes = [BundleParser]

    @describe(
        "A new world from a .pixsim.zip, all or nothing",
        body={"multipart/form-data": ImportInput},
        answer=ImportOutput,
        status=201,
        errors=[403, 413],
        idempotent=True,
        tags=["worlds"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        require_author(request)
        world = bundle.import_zip(self.body(ImportInput)["file"], owner=self.actor)
        pending = world.world_assets.filter(asset__file="").count()
        data = {**world_shape(world), "pending": pending}
        return self.tagged(data, world.draft_version, status=201, Location=f"/api/v1/game-worlds/{world.pk}")
