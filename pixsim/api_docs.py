"""The OpenAPI document and the page to browse it, both from our own host."""

from __future__ import annotations

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer, OpenApiYamlRenderer2
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from pixsim.lib.api.openapi import plainly, with_schemas


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document; it is the same for everybody, so it is made once per process."""
    return with_schemas(plainly(SchemaGenerator().get_schema(request=None, public=True)))  # type: ignore[no-untyped-call]


class SchemaView(SpectacularAPIView):  # type: ignore[misc]
    """JSON unless YAML is asked for, by Accept or `?format=yaml`."""

    content_negotiation_class = DefaultContentNegotiation
    authentication_classes = []
    renderer_classes = [OpenApiJsonRenderer2, OpenApiYamlRenderer, OpenApiYamlRenderer2]

    def get_renderers(self) -> list[Any]:
        # `?format=` is off elsewhere (URL_FORMAT_OVERRIDE): it would be an unknown filter there.
        wants_yaml = self.request is not None and self.request.GET.get("format") == "yaml"
        return [OpenApiYamlRenderer()] if wants_yaml else super().get_renderers()  # type: ignore[no-untyped-call]

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(document(), headers={"Cache-Control": "public, max-age=300"})


class DocsView(SpectacularSwaggerSplitView):  # type: ignore[misc]
    """Swagger UI as two requests (page, script), so that the strict Content-Security-Policy needs no exception."""

    authentication_classes = []
    template_name = "pixsim/api_docs.html"
