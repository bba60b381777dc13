"""`/api/v1/assets/`: list, upload, read, rename, delete, render again."""

from __future__ import annotations

from rest_framework import status
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import Endpoint, get, require_author
from pixsim.lib.api.serializers import Nothing
from pixsim.lib.errors import NotFound

from . import queries, services, subjects
from .models import Asset
from .serializers import AssetChange, AssetFilter, AssetOutput, AssetUpload, LineageOutput


def shape(asset: Asset) -> dict[str, object]:
    """One asset as clients see it."""
    return dict(AssetOutput(asset).data)


class AssetListView(Endpoint):
    def get_parsers(self) -> list[BaseParser]:
        return [MultiPartParser()]

    @describe("The assets you own, newest first; staff see all.", answer=AssetOutput, query=AssetFilter, paged=True)
    def get(self, request: Request) -> Response:
        return self.page(queries.assets_of(request.user).filter(**self.query(AssetFilter)), shape)

    @describe(
        "Upload a picture, clip, sound or binary glTF as multipart field `file`. It is checked and written anew without metadata; "
        "the same content again answers the asset there is.",
        body={"multipart/form-data": AssetUpload}, answer=AssetOutput, status=201, errors=(403, 413),
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        require_author(request)
        asset = services.upload_asset(owner=request.user, **self.body(AssetUpload))
        return Response(shape(asset), status=status.HTTP_201_CREATED)


class AssetView(Endpoint):
    @describe("One asset you may see.", answer=AssetOutput, errors=(404,))
    def get(self, request: Request, asset_id: int) -> Response:
        asset = get(Asset.objects.all(), pk=asset_id)
        if not subjects.may_see(request.user, asset):
            raise NotFound
        return Response(shape(asset))

    @describe("Rename an asset of yours.", body=AssetChange, answer=AssetOutput, errors=(404,))
    def patch(self, request: Request, asset_id: int) -> Response:
        asset = get(queries.assets_of(request.user), pk=asset_id)
        services.rename_asset(asset=asset, **self.body(AssetChange))
        return Response(shape(asset))

    @describe("Delete an asset of yours that nothing uses.", status=204, errors=(404, 409))
    def delete(self, request: Request, asset_id: int) -> Response:
        services.delete_asset(asset=get(queries.assets_of(request.user), pk=asset_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class AssetLineageView(Endpoint):
    @describe("What an asset of yours was made from.", answer=LineageOutput(many=True), errors=(404,))
    def get(self, request: Request, asset_id: int) -> Response:
        asset = get(queries.assets_of(request.user), pk=asset_id)
        return Response(LineageOutput(asset.lineage.all(), many=True).data)


class AssetRetryView(Endpoint):
    @describe("Render a failed asset again.", body=Nothing, answer=AssetOutput, errors=(404, 409))
    def post(self, request: Request, asset_id: int) -> Response:
        self.body(Nothing)
        return Response(shape(services.retry(asset=get(queries.assets_of(request.user), pk=asset_id))))
