"""What strangers send: to every endpoint that takes a body, from its own good request spoiled in every way."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from tests.api.permission_rows import ROWS, Row
from tests.api.stage import Stage
from tests.api.walk import Walked, endpoints

pytestmark = pytest.mark.django_db
WRITES = [walked for walked in endpoints() if walked.method in ("post", "put", "patch") and (walked.method, walked.name) in ROWS]
JSON_WRITES = [walked for walked in WRITES if not ROWS[walked.method, walked.name].multipart]
each_write = pytest.mark.parametrize("walked", JSON_WRITES, ids=lambda walked: f"{walked.method}-{walked.name}")
WRONG: list[Any] = [None, True, -1, 1.5, 2**63, 1e308, "", "../x", "x" * 5000, [], [1], {}, {"a": {"b": 1}}]


@pytest.fixture
def stage(db: Any) -> Stage:
    return Stage()


@pytest.fixture(autouse=True)
def _no_safety_net(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The handlers for what the database refused are for races; input must be refused before."""
    caplog.set_level(logging.WARNING, logger="pixsim.lib.api.problems")
    yield
    assert [record.message for record in caplog.records if record.name == "pixsim.lib.api.problems"] == []


def row_of(walked: Walked) -> Row:
    return ROWS[walked.method, walked.name]


def rows_stored() -> str:
    """How many rows every table has, in one query."""
    tables = sorted(model._meta.db_table for model in apps.get_models() if model._meta.label_lower != "sessions.session")
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f'(SELECT COUNT(*) FROM "{table}")' for table in tables))
        return str(dict(zip(tables, cursor.fetchone(), strict=True)))


def good_body(stage: Stage, walked: Walked) -> Any:
    row = row_of(walked)
    stage.ready(row)
    stage.url(walked, row)  # what the path needs is there before rows are counted
    return row.body(stage)  # type: ignore[misc]


def post(stage: Stage, walked: Walked, body: bytes | Any, content_type: str = "application/json") -> Any:
    row = row_of(walked)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return stage.client(row.acts).generic(walked.method.upper(), stage.url(walked, row), data, content_type=content_type)


def assert_refused(answer: Any, *statuses: int) -> None:
    assert answer.status_code in statuses, (answer.status_code, answer.content[:1000])
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert {"type", "title", "status", "detail"} <= set(problem)
    assert problem["status"] == answer.status_code
    if answer.status_code == 400:
        assert problem["errors"], problem
        assert all(error["pointer"] == "" or error["pointer"].startswith("/") for error in problem["errors"])


HOSTILE = {
    "not json": b"{",
    "text": b"name=x",
    "deep": b'{"meta": ' + b"[" * 1000 + b"]" * 1000 + b"}",
    "nul": b'{"name": "a\\u0000b"}',
    "nul in a key": b'{"na\\u0000me": 1}',
    "lone surrogate": b'{"name": "\\ud800"}',
    "duplicate keys": b'{"name": "a", "name": "b"}',
    "infinite": b'{"x": 1e999}',
    "not a number": b'{"x": NaN}',
    "huge integer": b'{"world_id": ' + b"9" * 5000 + b"}",
    "bad utf-8": b'{"name": "\xff"}',
    "byte order mark": b"\xef\xbb\xbf{}",
}


@each_write
def test_hostile_json_is_refused(stage: Stage, walked: Walked) -> None:
    good_body(stage, walked)
    before = rows_stored()
    for body in HOSTILE.values():
        assert_refused(post(stage, walked, body), 400)
    assert rows_stored() == before


@each_write
def test_three_megabytes_are_413(stage: Stage, walked: Walked) -> None:
    good_body(stage, walked)
    before = rows_stored()
    assert_refused(post(stage, walked, b'{"name": "' + b"x" * 3_000_000 + b'"}'), 413)
    assert rows_stored() == before


@each_write
def test_another_media_type_is_415(stage: Stage, walked: Walked) -> None:
    assert_refused(post(stage, walked, b"<name/>", "text/xml"), 415)


@each_write
def test_the_wrong_shape_is_refused(stage: Stage, walked: Walked) -> None:
    good_body(stage, walked)
    before = rows_stored()
    for body in ("text", 7, True, None, [[]], ["text"], [None]):
        assert_refused(post(stage, walked, body), 400)
    assert rows_stored() == before


@each_write
def test_an_unknown_field_is_refused_by_name(stage: Stage, walked: Walked) -> None:
    if row_of(walked).vendors:
        return
    good = good_body(stage, walked)
    before = rows_stored()
    spoiled = [{**good[0], "no_such_field": 1}] if isinstance(good, list) else {**good, "no_such_field": 1}
    answer = post(stage, walked, spoiled)
    assert_refused(answer, 400)
    assert any(error["pointer"].endswith("/no_such_field") for error in answer.json()["errors"]), answer.json()
    assert rows_stored() == before


@each_write
def test_no_value_of_any_field_breaks_anything(stage: Stage, walked: Walked) -> None:
    good = good_body(stage, walked)
    first = good[0] if isinstance(good, list) else good
    for name in first:
        for wrong in WRONG:
            body = {**first, name: wrong}
            before = rows_stored()
            answer = post(stage, walked, [body] if isinstance(good, list) else body)
            assert answer.status_code < 500, (name, wrong, answer.content[:500])
            if answer.status_code >= 400:
                assert_refused(answer, 400, 402, 403, 404, 409, 429)
                assert rows_stored() == before, (name, wrong)


@each_write
def test_ids_of_others_are_refused(stage: Stage, walked: Walked) -> None:
    row = row_of(walked)
    good = good_body(stage, walked)
    first = good[0] if isinstance(good, list) else good
    foreign = {
        **stage.foreign.ids(),
        **({"session_id": stage.foreign_session.pk, "user_id": stage.other_author.pk} if {"session_id", "user_id"} & set(first) else {}),
        "home_location_id": stage.foreign.location.pk,
        "picture_asset_id": stage.foreign.asset.pk,
    }
    for name in sorted((set(first) & set(foreign)) - row.skip_keys):
        if not name.endswith("_id"):
            continue
        before = rows_stored()
        for wrong in (foreign[name], 999_999):
            body = {**first, name: wrong}
            assert_refused(post(stage, walked, [body] if isinstance(good, list) else body), 400, 403, 404, 409)
        assert rows_stored() == before


@pytest.mark.parametrize("walked", [w for w in WRITES if row_of(w).multipart], ids=lambda walked: f"{walked.method}-{walked.name}")
def test_a_bad_upload_is_refused(stage: Stage, walked: Walked) -> None:
    row = row_of(walked)
    client, url = stage.client(row.acts), stage.url(walked, row)
    good = row.body(stage)  # type: ignore[misc]
    before = rows_stored()
    assert_refused(client.post(url, {}, format="multipart"), 400)
    assert_refused(client.post(url, dict.fromkeys(good, "text"), format="multipart"), 400)
    assert_refused(client.post(url, {**good, "no_such_field": "1"}, format="multipart"), 400)
    for content in (b"", b"nonsense", b"PK\x03\x04" + b"\0" * 100, b"\x89PNG\r\n\x1a\n" + b"\0" * 100, b"GIF89a", b"<svg/>", b"glTF\x02\0\0\0"):
        spoiled = {name: SimpleUploadedFile("x.bin", content) if hasattr(value, "read") else value for name, value in good.items()}
        assert_refused(client.post(url, spoiled, format="multipart"), 400, 413, 415)
    assert_refused(client.generic("POST", url, b"{}", content_type="application/json"), 415)
    assert_refused(client.generic("POST", url, b"--x\r\n", content_type="multipart/form-data"), 400)
    assert_refused(client.generic("POST", url, b"nonsense", content_type="multipart/form-data; boundary=x"), 400)
    assert rows_stored() == before


@pytest.mark.parametrize("walked", [w for w in endpoints() if w.method == "get" and (w.method, w.name) in ROWS], ids=lambda w: w.name)
def test_strange_queries_are_refused_or_answered(stage: Stage, walked: Walked) -> None:
    row = row_of(walked)
    client = stage.client(row.acts)
    url = stage.url(walked, row)
    known = list(row.query(stage) if row.query else {}) + ["page", "page_size", "world_id", "no_such_filter"]
    for name in known:
        for wrong in ("", "x", "-1", "0", "1.5", "9" * 30, "%00", "%ff", "true", "[]", "1;DROP TABLE"):
            answer = client.generic("GET", url, QUERY_STRING=f"{name}={wrong}")
            assert answer.status_code < 500, (name, wrong, answer.content[:500])
            if answer.status_code >= 400:
                assert_refused(answer, 400, 404)


@pytest.mark.parametrize(
    ("role", "path", "field", "body"),
    [
        ("owner", "/game-sessions/", "world_id", {}),
        ("player", "/game-sessions/", "world_id", {}),
        ("player", "/npc-interactions/list", "session_id", {"npc_id": 1}),
        ("player", "/npc-interactions/execute", "session_id", {"npc_id": 1, "interaction_id": "talk"}),
        ("owner", "/game-scenes/", "world_id", {"title": "x"}),
        ("owner", "/game-scenes/", "location_id", {"title": "x"}),
        ("owner", "/game/triggers", "scene_id", {}),
        ("owner", "/game-npcs/", "world_id", {"name": "x"}),
    ],
)
def test_what_a_body_names_and_is_not_there_is_pointed_at(stage: Stage, role: str, path: str, field: str, body: dict[str, Any]) -> None:
    foreign = {**stage.foreign.ids(), "session_id": stage.foreign_session.pk if field == "session_id" else 0}[field]
    if path == "/game-sessions/":
        foreign = 999_999  # a published world is there for everybody
    for wrong in (foreign, 999_999):
        answer = stage.client(role).post(f"/api/v1{path}", {**body, field: wrong}, format="json")
        assert_refused(answer, 404)
        assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(f"/{field}", "does_not_exist")]
