"""`/api/v1/npc-prompts/preview`: what a line would be asked with, for authors; and the turns of a session, with all they came from."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from npcs.queries import authored_npcs
from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import AuthorEndpoint, get
from pixsim.lib.errors import NotFound

from . import audits, prompt_preview, queries
from .models import DialogueTurn, GameSession
from .prompt_serializers import PreviewPromptInput, PreviewPromptOutput, TurnBriefOutput, TurnOutput, preview_shape, turn_brief, turn_shape


class PromptPreviewView(AuthorEndpoint):
    @describe(
        "What an NPC would be told in a state, phrase by phrase with its sources",
        body=PreviewPromptInput,
        answer=PreviewPromptOutput,
        errors=[404],
        tags=["npcs"],
    )
    def post(self, request: Request) -> Response:
        data = self.body(PreviewPromptInput)
        npc = get(authored_npcs(request.user), pk=data["npc_id"])
        found = prompt_preview.preview(npc=npc, personality=data.get("personality"), state=data.get("state"), scenarios=data.get("scenarios"))
        return Response(preview_shape(npc.pk, npc.key, found))


class TurnsView(AuthorEndpoint):
    @describe("The lines said in a session of your world, latest first", answer=TurnBriefOutput, paged=True, errors=[404], tags=["sessions"])
    def get(self, request: Request, session_id: int) -> Response:
        session = inspected(request, session_id)
        return self.page(DialogueTurn.objects.filter(session=session).brief().defer("result").order_by("-pk"), turn_brief)


class TurnView(AuthorEndpoint):
    @describe("One line, with all it came from", answer=TurnOutput, errors=[404], tags=["sessions"])
    def get(self, request: Request, session_id: int, turn_id: int) -> Response:
        session = inspected(request, session_id)
        return Response(turn_shape(get(DialogueTurn.objects.filter(session=session), pk=turn_id)))


def inspected(request: Request, session_id: int) -> GameSession:
    """A session whose prompts this author may read; staff leave a trace. Raises NotFound."""
    session = queries.inspected(request.user).filter(pk=session_id).first()
    if session is None:
        raise NotFound("There is no such session.")
    audits.audit_session(actor=request.user, action="read", session=session)
    return session
