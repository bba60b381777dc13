"""`/api/v1/dev/override-npc-state`, and what a session's past is good for: saves with a name, branches, the proof that it is what was played."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from generation.queries import asset_url, poster_url
from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import AuthorEndpoint
from pixsim.lib.api.idempotency import idempotent
from pixsim.lib.api.serializers import Nothing
from pixsim.lib.errors import NotAllowed, pointing

from . import audits, output, pages, proofs, queries, saves, services
from .api import TAGS, SessionEndpoint, is_author_of
from .models import GameSession, SavedGame
from .prompt_api import inspected
from .references import location_key, npc_key
from .serializers import (
    BranchOutput,
    MoveOutput,
    OverrideFilter,
    OverrideInput,
    RenameInput,
    SaveInput,
    SaveOutput,
    SessionOutput,
    VerifyOutput,
)


class OverrideView(SessionEndpoint):
    @describe(
        "Set how an NPC stands in a session, for the time being",
        body=OverrideInput,
        answer=MoveOutput,
        errors=[403, 404, 409],
        idempotent=True,
        tags=["dev"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        data = self.body(OverrideInput)
        session = self._own(request, data["session_id"])
        npc, given = npc_key(session, data["npc_id"]), dict(data["overrides"])
        if "location_id" in given:
            where = given.pop("location_id")
            with pointing("/overrides/location_id"):
                given["location"] = None if where is None else location_key(session, where)
        session = self._noted(request, session)
        moved = services.override(session=session, actor=request.user, npc=npc, given=given, temporary=data["temporary"], version=data.get("version"))
        return self.answer(moved)

    @describe("Back to the session as it really is", query=OverrideFilter, answer=SessionOutput, errors=[403, 404], tags=["dev"])
    def delete(self, request: Request) -> Response:
        data = self.query(OverrideFilter)
        session = self._own(request, data["session_id"])
        npc = npc_key(session, data["npc_id"]) if "npc_id" in data else None
        return Response(output.session_json(services.reset(session=self._noted(request, session), npc=npc)))

    def _own(self, request: Request, session_id: int) -> GameSession:
        """An own session of the world's owner; for staff any. Raises NotFound, NotAllowed for one's own session of another's world."""
        with pointing("/session_id"):
            session = queries.changeable(request.user, session_id)
        if not is_author_of(request.user, session):
            raise NotAllowed("Only a world's author sets how its people stand.")
        return session

    def _noted(self, request: Request, session: GameSession) -> GameSession:
        """Once nothing of the body is wrong: what is refused leaves no trace of a change."""
        audits.audit_session(actor=request.user, action="change", session=session)
        return self.ready(session)


class VerifyView(AuthorEndpoint):
    @describe("Play the whole log again and compare every hash", answer=VerifyOutput, errors=[404], tags=TAGS)
    def get(self, request: Request, session_id: int) -> Response:
        proof = proofs.proof(inspected(request, session_id))
        return Response({
            "verified": not proof.mismatches, "versions": proof.versions, "sha256": proof.sha256, "releases": proof.releases,
            "mismatches": [mismatch._asdict() for mismatch in proof.mismatches],
        })  # fmt: skip


class BranchesView(SessionEndpoint):
    @describe(
        "The sessions of one playthrough: this one, what it was forked from, its forks", answer=BranchOutput(many=True), errors=[404], tags=TAGS
    )
    def get(self, request: Request, session_id: int) -> Response:
        session = self.readable(request, session_id)
        return Response([branch_json(one) for one in queries.branches(session, request.user)])


class SavesView(SessionEndpoint):
    @describe("Saved games", answer=SaveOutput(many=True), errors=[404], tags=TAGS)
    def get(self, request: Request, session_id: int) -> Response:
        return Response([save_json(save) for save in queries.saves_of(self.readable(request, session_id))])

    @describe("Save the game", body=SaveInput, answer=SaveOutput, status=201, errors=[404, 409], idempotent=True, tags=TAGS)
    @idempotent
    def post(self, request: Request, session_id: int) -> Response:
        session = self.changeable(request, session_id)
        return Response(save_json(services.save(session=session, name=self.body(SaveInput).get("name", ""))), status=201)


class SaveView(SessionEndpoint):
    @describe("Name a saved game", body=RenameInput, answer=SaveOutput, errors=[404], tags=TAGS)
    def patch(self, request: Request, session_id: int, number: int) -> Response:
        session = self.changeable(request, session_id)
        return Response(save_json(saves.rename(session=session, number=number, name=self.body(RenameInput)["name"])))

    @describe("Forget a saved game", status=204, errors=[404], tags=TAGS)
    def delete(self, request: Request, session_id: int, number: int) -> Response:
        saves.delete(session=self.changeable(request, session_id), number=number)
        return Response(status=204)


class LoadView(SessionEndpoint):
    @describe("Load a saved game", body=Nothing, answer=MoveOutput, errors=[404, 409], tags=TAGS)
    def post(self, request: Request, session_id: int, number: int) -> Response:
        session = self.changeable(request, session_id)
        self.body(Nothing)
        return self.answer(services.load_save(session=session, number=number))


def save_json(save: SavedGame) -> dict[str, Any]:
    picture = save.picture
    return {
        "number": save.number, "name": save.name, "version": save.version, "auto": save.is_auto, "scene": save.scene, "place": save.place,
        "clock": save.clock, "thumbnail": (poster_url(picture) or asset_url(picture)) if picture else None, "created_at": save.created_at,
    }  # fmt: skip


def branch_json(session: GameSession) -> dict[str, Any]:
    line = pages.game_line(session)
    return {
        "id": session.pk, "session_id": session.pk, "forked_from": session.forked_from_id, "version": session.version, "clock": line["clock"],
        "place": line["place"], "created_at": session.created_at, "updated_at": session.updated_at,
    }  # fmt: skip
