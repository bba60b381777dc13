"""The matrix: every endpoint × anonymous, player, another author, owner, staff × own, another's, missing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.permission_rows import ROLES, ROWS, Row
from tests.api.stage import MISSING, Stage
from tests.api.walk import Walked, endpoints

pytestmark = pytest.mark.django_db
WALKED = [walked for walked in endpoints() if (walked.method, walked.name) in ROWS]
each_endpoint = pytest.mark.parametrize("walked", WALKED, ids=lambda walked: f"{walked.method}-{walked.name}")


@pytest.fixture
def stage(db: Any) -> Stage:
    return Stage()


def row_of(walked: Walked) -> Row:
    return ROWS[walked.method, walked.name]


def test_every_endpoint_has_a_row_and_every_row_an_endpoint() -> None:
    walked = {(found.method, found.name) for found in endpoints()}
    assert walked - set(ROWS) == set(), "say in permission_rows.py who may call these"
    assert set(ROWS) - walked == set(), "these are gone"


@each_endpoint
@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_its_row_says(stage: Stage, walked: Walked, role: str) -> None:
    answer = stage.send(role, walked)
    expected = row_of(walked).expected[role]
    assert (answer.status_code if answer.status_code >= 400 else 200) == expected, answer.content[:2000]
    if expected >= 400:
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("walked", [walked for walked in WALKED if "<id:" in walked.route], ids=lambda walked: f"{walked.method}-{walked.name}")
def test_what_is_missing_and_what_is_anothers_look_the_same(stage: Stage, walked: Walked) -> None:
    row = row_of(walked)
    name = walked.route.partition("<id:")[2].partition(">")[0]
    url = stage.url(walked, row, **{name: MISSING})
    for role in ("owner", "staff"):
        assert stage.send(role, walked, url=url).status_code == row.missing
    if row.expected["other_author"] == 404:
        foreign, missing = stage.send("other_author", walked), stage.send("other_author", walked, url=url)
        assert foreign.json() == missing.json()


@pytest.mark.parametrize(
    "walked", [walked for walked in WALKED if walked.method == "get" and "<" not in walked.route], ids=lambda walked: walked.name
)
def test_a_list_holds_nothing_of_others(stage: Stage, walked: Walked) -> None:
    answer = stage.send("owner", walked)
    assert "Elsewhere" not in answer.content.decode()
    if isinstance(answer.json(), dict):
        assert all(row.get("world_id") != stage.foreign.world.pk for row in answer.json().get("results", ()))
