"""schemathesis reads the OpenAPI document and sends what it allows and what it does not, in process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from knox.models import AuthToken
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from pixsim.api_docs import document
from tests.api.stage import Stage

EXAMPLES = 12
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def short(document: dict[str, Any]) -> dict[str, Any]:
    """With examples for the authored JSON of inputs: to make values of all that a manifest or a node may say takes minutes."""
    components = document["components"]["schemas"]

    def shorter(part: Any) -> Any:
        if isinstance(part, list):
            return [shorter(inner) for inner in part]
        if not isinstance(part, dict):
            return part
        name = str(part.get("$ref")).rpartition("/")[2]
        if examples := components.get(name, {}).get("examples"):
            return {"anyOf": [{"enum": examples}, {"type": "object"}]}
        return {key: shorter(inner) for key, inner in part.items()}

    inputs = {name: shorter(schema) for name, schema in components.items() if name.endswith(("Input", "Change"))}
    return {**document, "components": {**document["components"], "schemas": {**components, **inputs}}}


contract = schemathesis.openapi.from_dict(short(document()))
contract.app = get_wsgi_application()


@pytest.fixture
def stage(db: Any) -> Iterator[Stage]:
    # Like Django's own test client: a request must not close the connection that holds the test's transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield Stage()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def token(stage: Stage) -> str:
    return str(AuthToken.objects.create(user=stage.owner)[1])


@contract.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_document_tells_the_truth(case: Any, stage: Stage, token: str) -> None:
    # Made-up ids meet nothing, so every other request is about what is there.
    if len(str(case.query)) % 2 == 0 or case.body:
        known = stage.ids()
        case.path_parameters = {name: known.get(name, value) for name, value in (case.path_parameters or {}).items()}
    case.call_and_validate(checks=CHECKS, headers={"Authorization": f"Token {token}"})
