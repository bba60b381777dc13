"""`/api/v1/game-worlds/{id}/story-tests/`: playthroughs that must go on as they do."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import AuthorEndpoint, get
from pixsim.lib.api.idempotency import idempotent
from pixsim.lib.api.preconditions import if_match
from worlds.queries import authored_world

from . import storytest_services as tests
from .models import StoryTest
from .serializers import RunTestsInput, RunTestsOutput, StoryTestInput, StoryTestOutput

TAGS = ["story tests"]


class StoryTestListView(AuthorEndpoint):
    @describe("Story tests of a world, each with its last run", answer=StoryTestOutput, errors=[404], paged=True, tags=TAGS)
    def get(self, request: Request, world_id: int) -> Response:
        return self.page(tests.of_world(authored_world(request.user, world_id)).order_by("key"), tests.as_json)

    @describe(
        "Keep a playthrough as a test; what is not said to be expected is recorded from how it goes now",
        body=StoryTestInput, answer=StoryTestOutput, status=201, errors=[403, 404, 409], idempotent=True, tags=TAGS,
    )  # fmt: skip
    @idempotent
    def post(self, request: Request, world_id: int) -> Response:
        world = authored_world(request.user, world_id)
        test = tests.create(world=world, actor=self.actor, data=self.body(StoryTestInput))
        return self.tagged(tests.as_json(test), test.version, status=201)


class StoryTestView(AuthorEndpoint):
    @describe("A story test", answer=StoryTestOutput, errors=[404], tags=TAGS)
    def get(self, request: Request, world_id: int, key: str) -> Response:
        test = get(tests.of_world(authored_world(request.user, world_id)), key=key)
        return self.tagged(tests.as_json(test), test.version)

    @describe("Change a story test", body=StoryTestInput, answer=StoryTestOutput, errors=[403, 404, 409], if_match=True, tags=TAGS)
    def patch(self, request: Request, world_id: int, key: str) -> Response:
        test = self._found(request, world_id, key)
        changed = tests.change(test=test, actor=self.actor, patch=lambda now: self.patched(StoryTestInput, now), expected=if_match(request))
        return self.tagged(tests.as_json(changed), changed.version)

    @describe("Delete a story test", status=204, errors=[403, 404], if_match=True, tags=TAGS)
    def delete(self, request: Request, world_id: int, key: str) -> Response:
        tests.delete(test=self._found(request, world_id, key), actor=self.actor, expected=if_match(request))
        return Response(status=204)

    def _found(self, request: Request, world_id: int, key: str) -> StoryTest:
        return get(StoryTest.objects.select_related("world"), world=authored_world(request.user, world_id).pk, key=key)


class RunView(AuthorEndpoint):
    @describe("Run story tests on the draft, and say how each first differs", body=RunTestsInput, answer=RunTestsOutput, errors=[404], tags=TAGS)
    def post(self, request: Request, world_id: int) -> Response:
        world = authored_world(request.user, world_id)
        return Response(tests.report(tests.run(world=world, keys=self.body(RunTestsInput).get("keys"))))
