"""The OpenAPI document: valid, complete, and true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from pixsim import api_docs
from tests.api.permission_rows import ROWS
from tests.api.walk import endpoints


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return api_docs.document()


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(method, path): operation for path, methods in document["paths"].items() for method, operation in methods.items()}


def test_it_is_valid_openapi_3_1_made_without_a_warning() -> None:
    reset_generator_stats()
    api_docs.document.cache_clear()
    made = api_docs.document()
    assert made["openapi"].startswith("3.1")
    validate_schema(made)
    found = {level: dict(getattr(GENERATOR_STATS, f"_{level}_cache")) for level in ("warn", "error")}
    assert found == {"warn": {}, "error": {}}


def test_every_endpoint_is_in_it(document: dict[str, Any]) -> None:
    described = {(method, path.replace("{", "<").replace("}", ">")) for method, path in operations(document)}
    walked = {(found.method, "/" + _plain(found.route)) for found in endpoints()}
    assert walked - described == set()


def _plain(route: str) -> str:
    for converter in ("id", "key", "int", "str", "slug", "uuid"):
        route = route.replace(f"<{converter}:", "<")
    return route


def test_every_operation_says_what_it_takes_answers_and_refuses(document: dict[str, Any]) -> None:
    for (method, path), operation in operations(document).items():
        where = f"{method} {path}"
        assert operation.get("summary"), where
        codes = set(operation["responses"])
        assert any(code.startswith("2") for code in codes), where
        assert "400" in codes, where
        assert "{" not in path or "404" in codes, where
        if method in ("post", "put", "patch"):
            assert "requestBody" in operation, where
        for code, response in operation["responses"].items():
            if code >= "400":
                assert "application/problem+json" in response["content"], f"{where} {code}"


def test_a_row_that_refuses_strangers_is_described_so(document: dict[str, Any]) -> None:
    found = operations(document)
    for walked in endpoints():
        row = ROWS.get((walked.method, walked.name))
        path = "/" + _plain(walked.route).replace("<", "{").replace(">", "}")
        if row is not None:
            assert ("401" in found[walked.method, path]["responses"]) == (row.expected["anonymous"] == 401), (walked.method, path)


AUTHORED = [
    ("WorldInput", "meta", "WorldMeta"),
    ("WorldMeta", "manifest", "Manifest"),
    ("LocationInput", "travel_conditions", "Conditions"),
    ("LocationInput", "meta", "LocationMeta"),
    ("NpcInput", "personality", "Personality"),
    ("NpcInput", "interaction_overrides", "InteractionOverrides"),
    ("SlotOutput", "stops", "Stops"),
    ("NodeChange", "meta", "NodeMeta"),
    ("NodeOutput", "meta", "NodeMeta"),
    ("EdgeChange", "effects", "Effects"),
    ("EdgeOutput", "conditions", "Conditions"),
    ("HotspotInput", "action", "HotspotAction"),
    ("HotspotOutput", "meta", "HotspotMeta"),
]


@pytest.mark.parametrize(("component", "field", "schema"), AUTHORED)
def test_authored_json_is_described_by_the_schema_that_checks_it(document: dict[str, Any], component: str, field: str, schema: str) -> None:
    found = document["components"]["schemas"][component]["properties"][field]
    assert schema in str(found), found
    assert document["components"]["schemas"][schema]["title"]


def test_what_a_patch_takes_is_less_than_the_schema_asks_for(document: dict[str, Any]) -> None:
    meta = document["components"]["schemas"]["PatchedNodeChange"]["properties"]["meta"]
    assert meta["description"] == "Merged (RFC 7396) into the present NodeMeta."


def test_every_reference_leads_somewhere_and_every_example_is_valid(document: dict[str, Any]) -> None:
    def references(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            yield from [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            yield from references(inner)

    for reference in set(references(document)):
        place: Any = document
        for name in reference.removeprefix("#/").split("/"):
            place = place[name]
    for name, component in document["components"]["schemas"].items():
        checked = Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": document["components"]})
        for example in component.get("examples", ()):
            assert [error.message for error in checked.iter_errors(example)] == [], name


@pytest.mark.django_db
def test_it_is_served_as_json_and_as_yaml() -> None:
    answer = Client().get("/api/v1/schema/?format=json")
    assert answer.status_code == 200
    assert answer.json()["info"]["title"] == "PixSim"
    assert Client().get("/api/v1/schema").json()["openapi"].startswith("3.1")
    assert Client().get("/api/v1/schema/?format=yaml").content.startswith(b"openapi: 3.1")


@pytest.mark.django_db
def test_the_page_to_browse_it_needs_no_inline_script_or_style() -> None:
    page = Client().get("/api/v1/docs/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "<style" not in text
    assert "<script>" not in text
    assert "http://" not in text.replace("http://testserver", "")
    script = Client().get("/api/v1/docs/?script=")
    assert script["Content-Type"] == "application/javascript"
    assert b"/api/v1/schema/" in script.content
