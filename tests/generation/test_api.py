"""REST of assets and the files behind it, for owners and for strangers."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from generation import queries, services, subjects
from generation.media import byte_range
from generation.models import Asset
from pixsim.models import User

from .conftest import STILL, client_of, make_user, picture_bytes


def test_an_author_uploads_lists_renames_and_deletes(api: APIClient) -> None:
    made = api.post("/api/v1/assets/", {"file": SimpleUploadedFile("face.png", picture_bytes()), "label": "Mara"}, format="multipart")
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["label"], body["media_type"], body["status"], body["width"], body["sync_status"]) == ("Mara", "image", "ready", 40, "synced")
    listed = api.get("/api/v1/assets/").json()
    assert [row["id"] for row in listed["results"]] == [body["id"]]
    assert api.get("/api/v1/assets/?media_type=video").json()["count"] == 0
    assert api.patch(f"/api/v1/assets/{body['id']}", {"label": "Captain"}, format="json").json()["label"] == "Captain"
    assert api.delete(f"/api/v1/assets/{body['id']}").status_code == 204
    assert not Asset.objects.exists()


def test_a_hostile_upload_is_a_problem_that_points_at_the_file(api: APIClient) -> None:
    answer = api.post("/api/v1/assets/", {"file": SimpleUploadedFile("x.png", b"<svg onload=alert(1)>", "image/png")}, format="multipart")
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer.json()["errors"][0]["pointer"] == "/file"
    assert api.post("/api/v1/assets/", {"label": "nothing"}, format="multipart").status_code == 400


def test_a_waiting_asset_has_no_address_and_a_ready_one_has(api: APIClient, author: User) -> None:
    asset = services.ensure_asset(owner=author, media_type="image", recipe=STILL)
    waiting = api.get(f"/api/v1/assets/{asset.pk}").json()
    assert (waiting["status"], waiting["url"], waiting["is_generated"]) == ("pending", None, True)
    services.render_pending()
    ready = api.get(f"/api/v1/assets/{asset.pk}").json()
    assert ready["status"] == "ready"
    assert api.get(ready["url"]).status_code == 200


def test_a_list_costs_the_same_queries_however_long(api: APIClient, author: User, django_assert_num_queries: Any) -> None:
    for number in range(5):
        Asset.objects.create(owner=author, media_type="image", label=str(number))
    with django_assert_num_queries(2):  # count | rows
        api.get("/api/v1/assets/")


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_what_belongs_to_another_does_not_exist(stranger: User, picture: Asset, method: str) -> None:
    answer = getattr(client_of(stranger), method)(f"/api/v1/assets/{picture.pk}", {"label": "mine"}, format="json")
    assert answer.status_code == 404
    assert Asset.objects.get().label == "a red square"


def test_nobody_without_login_and_no_player_uploads(db: Any) -> None:
    file = SimpleUploadedFile("face.png", picture_bytes())
    assert client_of(None).post("/api/v1/assets/", {"file": file}, format="multipart").status_code == 401
    assert client_of(make_user("paul")).post("/api/v1/assets/", {"file": file}, format="multipart").status_code == 403


def test_a_used_asset_is_not_deleted(api: APIClient, author: User, picture: Asset) -> None:
    from worlds.models import World

    World.objects.create(owner=author, name="Harbor", poster=picture)
    answer = api.delete(f"/api/v1/assets/{picture.pk}")
    assert answer.status_code == 409
    assert "in use" in answer.json()["detail"]


# -- files ------------------------------------------------------------------------------------------------------------


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_a_file_is_sent_with_its_type_and_without_guessing(api: APIClient, picture: Asset) -> None:
    answer = api.get(queries.asset_url(picture))
    data = body(answer)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"].startswith("private")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert int(answer["Content-Length"]) == len(data) == picture.bytes
    assert data.startswith(b"\x89PNG")


def test_an_unchanged_file_is_not_sent_again(api: APIClient, picture: Asset) -> None:
    tag = api.get(queries.asset_url(picture))["ETag"]
    assert api.get(queries.asset_url(picture), headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("header", "status", "first", "last"),
    [
        ("bytes=0-9", 206, 0, 9),
        ("bytes=5-", 206, 5, None),
        ("bytes=-7", 206, -7, None),
        ("bytes=0-99999999", 206, 0, None),
        ("lines=1-2", 200, 0, None),
    ],
)
def test_parts_of_a_file(api: APIClient, picture: Asset, header: str, status: int, first: int, last: int | None) -> None:
    whole = body(api.get(queries.asset_url(picture)))
    answer = api.get(queries.asset_url(picture), headers={"Range": header})
    assert answer.status_code == status
    assert body(answer) == whole[first : None if last is None else last + 1]
    if status == 206:
        assert answer["Content-Range"].endswith(f"/{len(whole)}")


@pytest.mark.parametrize("header", ["bytes=999999-", "bytes=-0"])
def test_a_part_that_is_not_there_is_416(api: APIClient, picture: Asset, header: str) -> None:
    answer = api.get(queries.asset_url(picture), headers={"Range": header})
    assert answer.status_code == 416
    assert answer["Content-Range"] == f"bytes */{picture.bytes}"


def test_a_part_of_a_changed_file_is_the_whole_file(api: APIClient, picture: Asset) -> None:
    assert api.get(queries.asset_url(picture), headers={"Range": "bytes=0-3", "If-Range": '"old"'}).status_code == 200


@pytest.mark.parametrize(
    ("header", "size", "part"),
    [
        ("", 10, (0, 9)),
        ("bytes=2-4", 10, (2, 4)),
        ("bytes=4-2", 10, (0, 9)),
        ("bytes=0-1,3-4", 10, (0, 9)),
        ("bytes=10-", 10, None),
        ("bytes=-99", 10, (0, 9)),
    ],
)
def test_ranges_are_read_as_the_rfc_says(header: str, size: int, part: tuple[int, int] | None) -> None:
    assert byte_range(header, size) == part


def test_a_stranger_gets_no_file_and_does_not_learn_that_it_is_there(stranger: User, picture: Asset) -> None:
    assert client_of(stranger).get(queries.asset_url(picture)).status_code == 404
    assert client_of(stranger).get("/media/99999/file.png").status_code == 404
    assert client_of(None).get(queries.asset_url(picture)).status_code == 404


def test_staff_and_whoever_a_client_vouches_for_see_the_file(staff: User, stranger: User, picture: Asset) -> None:
    assert client_of(staff).get(queries.asset_url(picture)).status_code == 200

    class Worlds:
        def may_see(self, user: Any, asset: Asset) -> bool:
            return bool(user.pk == stranger.pk and asset.pk == picture.pk)

        def uses(self, asset: Asset) -> list[str]:
            return []

    vouching = Worlds()
    subjects.register(vouching)
    try:
        assert client_of(stranger).get(queries.asset_url(picture)).status_code == 200
    finally:
        subjects.unregister(vouching)


def test_a_path_in_the_name_leads_nowhere(api: APIClient, picture: Asset) -> None:
    assert api.get(f"/media/{picture.pk}/..%2F..%2Fsecret_key").status_code in (200, 404)
    assert api.get(f"/media/{picture.pk}/poster-x.jpg").status_code == 404
