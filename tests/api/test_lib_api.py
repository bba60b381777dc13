"""The parts every endpoint is made of, on small views of their own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client, override_settings
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient

from pixsim.lib.api.endpoints import Endpoint, PublicEndpoint
from pixsim.lib.api.fields import Flag, Id, Json, Key, Number, Reference, Text, Whole
from pixsim.lib.api.idempotency import idempotent
from pixsim.lib.api.preconditions import etag, if_match, merge_patch
from pixsim.lib.api.problems import problem_response, unknown_path
from pixsim.lib.api.routes import api_path
from pixsim.lib.api.serializers import Strict
from pixsim.lib.errors import NotAvailable, NotFound, StaleSession
from pixsim.models import IdempotencyKey, User


class Inner(Strict):
    x = Number()


class Sample(Strict):
    name = Text(max_length=20)
    count = Whole(required=False)
    open = Flag(required=False)
    ref = Reference(required=False)
    id = Id(required=False)
    key = Key(required=False)
    meta = Json(required=False)
    inner = Inner(required=False)
    many = Inner(many=True, required=False)
    numbers = serializers.ListField(child=Whole(), required=False)


class Echo(PublicEndpoint):
    def get(self, request: Request) -> Response:
        return Response(self.query(Sample))

    def post(self, request: Request) -> Response:
        return Response(self.body(Sample))

    def patch(self, request: Request) -> Response:
        return Response(self.patched(Sample, {"name": "old", "meta": {"a": 1, "b": 2}}))


class Lists(PublicEndpoint):
    def post(self, request: Request) -> Response:
        return Response(self.bodies(Sample))


class Counting(Endpoint):
    calls = 0
    error: Exception | None = None

    @idempotent
    def post(self, request: Request) -> Response:
        Counting.calls += 1
        IdempotencyKey.objects.create(user=request.user, route="made", key=str(Counting.calls), body_sha256="")
        if Counting.error is not None:
            raise Counting.error
        return Response({"call": Counting.calls}, status=201, headers={"Location": "/x"})


class Raising(PublicEndpoint):
    error: Exception

    def get(self, request: Request) -> Response:
        raise self.error


urlpatterns = [
    api_path("api/echo/", Echo.as_view(), "echo"),
    api_path("api/lists", Lists.as_view(), "lists"),
    api_path("api/counting", Counting.as_view(), "counting"),
    api_path("api/raising", Raising.as_view(), "raising"),
    api_path("api/thing/<id:pk>", Echo.as_view(), "thing"),
    path("api/<path:rest>", unknown_path),
]
handler404 = "pixsim.lib.api.problems.page_not_found"
handler400 = "pixsim.lib.api.problems.bad_request"
handler500 = "pixsim.lib.api.problems.server_error"

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


def send(body: bytes | Any, method: str = "post", url: str = "/api/echo/", content_type: str = "application/json") -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return getattr(Client(), method)(url, data, content_type=content_type)


def errors(answer: Any) -> dict[str, str]:
    assert answer["Content-Type"] == "application/problem+json", answer.content
    return {found["pointer"]: found["code"] for found in answer.json()["errors"]}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"/name": "required"}),
        ({"name": 1}, {"/name": "invalid"}),
        ({"name": None}, {"/name": "null"}),
        ({"name": "a", "nane": 1}, {"/nane": "unknown"}),
        ({"name": "a", "a/b~": 1}, {"/a~1b~0": "unknown"}),
        ({"name": "a", "count": "1"}, {"/count": "invalid"}),
        ({"name": "a", "count": True}, {"/count": "invalid"}),
        ({"name": "a", "count": 1.5}, {"/count": "invalid"}),
        ({"name": "a", "id": 0}, {"/id": "min_value"}),
        ({"name": "a", "open": 1}, {"/open": "invalid"}),
        ({"name": "a", "key": "No Slug"}, {"/key": "invalid"}),
        ({"name": "a", "ref": "No Slug"}, {"/ref": "invalid"}),
        ({"name": "a", "ref": -1}, {"/ref": "invalid"}),
        ({"name": "a", "meta": []}, {"/meta": "kind"}),
        ({"name": "a", "inner": {"x": "1", "y": 1}}, {"/inner/x": "invalid", "/inner/y": "unknown"}),
        ({"name": "a", "many": [{"x": 1}, {"y": 1}]}, {"/many/1/x": "required", "/many/1/y": "unknown"}),
        ({"name": "a", "numbers": [1, "x"]}, {"/numbers/1": "invalid"}),
        ([], {"": "invalid"}),
        ("text", {"": "invalid"}),
        (None, {"": "null"}),
    ],
)
def test_every_error_points_at_its_place(body: Any, expected: dict[str, str]) -> None:
    answer = send(body)
    assert answer.status_code == 400
    assert errors(answer) == expected


def test_errors_in_a_list_point_into_the_list() -> None:
    assert errors(send([{"name": "a"}, {"name": "b", "inner": {}}], url="/api/lists")) == {"/1/inner/x": "required"}
    assert errors(send([3], url="/api/lists")) == {"/0": "invalid"}
    assert send({"name": "a"}, url="/api/lists").json() == [{"name": "a"}]
    assert errors(send([{}] * 501, url="/api/lists")) == {"": "too_many"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[" * 1000, 400),
        (b'{"name": "a\\u0000"}', 400),
        (b'{"name": "\\ud800"}', 400),
        (b'{"name": "a", "name": "b"}', 400),
        (b'{"name": NaN}', 400),
        (b'{"name": "a", "count": 1e999}', 400),
        (b'{"name": "a", "count": ' + b"9" * 5000 + b"}", 400),
        (b"\xff\xfe", 400),
        (b"\xef\xbb\xbf{}", 400),
        (b'{"name": "' + b"x" * 3_000_000 + b'"}', 413),
    ],
)
def test_hostile_json_is_a_problem_and_never_a_crash(body: bytes, status: int) -> None:
    answer = send(body)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= set(answer.json())


def test_another_media_type_is_415() -> None:
    assert send(b"name=a", content_type="application/x-www-form-urlencoded").status_code == 415
    assert send(b"<a/>", content_type="text/xml").status_code == 415
    assert send(b"{}", content_type="nonsense").status_code == 415


def test_a_patch_merges_and_validates_the_whole() -> None:
    answer = send({"meta": {"a": None, "c": {"d": 1}}}, "patch")
    assert answer.json() == {"name": "old", "meta": {"b": 2, "c": {"d": 1}}}
    assert send({"count": 3}, "patch", content_type="application/merge-patch+json").json()["count"] == 3
    assert errors(send({"name": None}, "patch")) == {"/name": "required"}
    assert errors(send([], "patch")) == {"": "invalid"}


def test_a_query_is_as_strict_but_knows_that_all_is_text() -> None:
    answer = Client().get("/api/echo/", {"name": "a", "count": "3", "open": "true", "ref": "7", "page": "1"})
    assert answer.json() == {"name": "a", "count": 3, "open": True, "ref": 7}
    assert errors(Client().get("/api/echo/?name=a&nmae=b")) == {"/nmae": "unknown"}
    assert errors(Client().get("/api/echo/?name=a%00")) == {"/name": "null_characters_not_allowed"}


@pytest.mark.parametrize("url", ["/api/echo", "/api/echo/"])
def test_both_slashes_answer(url: str) -> None:
    assert Client().get(url + "?name=a").status_code == 200


@pytest.mark.parametrize("url", ["/api/thing/0", "/api/thing/-1", "/api/thing/x", "/api/thing/" + "9" * 30, "/api/none", "/api/thing/1//"])
def test_an_unknown_path_is_a_problem(url: str) -> None:
    for debug in (False, True):
        with override_settings(DEBUG=debug):
            answer = Client().post(url)
            assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_another_method_is_a_problem() -> None:
    answer = Client().delete("/api/echo/")
    assert (answer.status_code, answer.json()["type"]) == (405, "urn:pixsim:problem:method_not_allowed")


def test_the_accept_header_changes_nothing() -> None:
    answer = Client().get("/api/echo/?name=a", headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


def test_a_domain_error_carries_what_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Raising, "error", StaleSession(current={"version": 4}), raising=False)
    answer = Client().get("/api/raising")
    assert answer.status_code == 409
    assert answer.json()["current"] == {"version": 4}
    monkeypatch.setattr(Raising, "error", NotAvailable("Need affinity 40 – you have 35", reasons=[{"code": "min_axis"}]))
    assert Client().get("/api/raising").json()["reasons"] == [{"code": "min_axis"}]


def test_a_constraint_that_stops_a_race_is_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Raising, "error", IntegrityError("unique"), raising=False)
    assert Client().get("/api/raising").status_code == 409


def test_a_bug_is_a_500_problem_without_details(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Raising, "error", RuntimeError("secret"), raising=False)
    answer = Client(raise_request_exception=False).get("/api/raising")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert b"secret" not in answer.content


def test_a_problem_can_be_answered_outside_of_drf() -> None:
    assert json.loads(problem_response(NotFound()).content)["status"] == 404


@pytest.mark.parametrize(
    ("old", "patch", "new"),
    [  # the table of RFC 7396, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch_is_rfc_7396(old: Any, patch: Any, new: Any) -> None:
    before = json.dumps(old)
    assert merge_patch(old, patch) == new
    assert json.dumps(old) == before


@pytest.mark.parametrize(
    ("header", "versions"),
    [(None, None), ("*", None), ('"v3"', {3}), ('"v3", "v4"', {3, 4}), ('W/"v3"', set()), ('"other"', set()), (etag(12), {12})],
)
def test_if_match_compares_strongly(rf: Any, header: str | None, versions: set[int] | None) -> None:
    request = Request(rf.get("/", headers={"If-Match": header} if header else {}))
    assert if_match(request) == versions


class TestIdempotency:
    @pytest.fixture(autouse=True)
    def _fresh(self, author: User) -> None:
        Counting.calls, Counting.error = 0, None
        self.client = APIClient()
        self.client.force_authenticate(author)

    def post(self, key: str, body: Any = None) -> Any:
        return self.client.post("/api/counting", body or {"a": 1}, format="json", headers={"Idempotency-Key": key})

    def test_the_first_answer_is_given_again(self) -> None:
        first, again = self.post("k"), self.post("k")
        assert (first.status_code, first.json()) == (again.status_code, again.json()) == (201, {"call": 1})
        assert again["Location"] == "/x"
        assert Counting.calls == 1
        assert self.post("other").json() == {"call": 2}

    def test_another_body_is_422(self) -> None:
        self.post("k")
        assert self.post("k", {"a": 2}).status_code == 422

    def test_what_was_refused_stores_nothing(self) -> None:
        Counting.error = NotFound()
        assert self.post("k").status_code == 404
        assert not IdempotencyKey.objects.exists()
        Counting.error = None
        assert self.post("k").status_code == 201

    def test_a_second_request_while_the_first_runs_is_409(self, author: User) -> None:
        self.post("k")
        IdempotencyKey.objects.filter(key="k").update(status=None)
        assert self.post("k").status_code == 409

    def test_a_key_is_the_users_own(self, player: User) -> None:
        self.post("k")
        self.client.force_authenticate(player)
        assert self.post("k").json() == {"call": 2}

    @pytest.mark.parametrize("key", ["", "x" * 256, "é"])
    def test_a_strange_key_is_refused(self, key: str) -> None:
        assert self.post(key).status_code == 400
