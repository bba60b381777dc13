"""`/api/v1/game-sessions/`: starting, reading, moving, going back."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import Endpoint
from pixsim.lib.api.idempotency import body_sha256, header_key, idempotent
from pixsim.lib.api.serializers import Nothing
from pixsim.lib.errors import Conflict, Invalid, NotAllowed, NotAvailable, StaleSession, pointing
from worlds.rules.words import first_reason

from . import audits, dialogue, output, queries, reports, services, speaking
from .engine import Choose, Continue, Hotspot, Started, Travel, Wait, options
from .engine.actions import Action
from .models import GameSession
from .publishing import draft_release
from .references import location_key, npc_key, relationships, scene_key
from .releases import spec_of
from .serializers import (
    ChooseInput,
    EventOutput,
    MoveInput,
    MoveOutput,
    NoteInput,
    PatchInput,
    ReportInput,
    ReportOutput,
    SessionBriefOutput,
    SessionFilter,
    SessionOutput,
    SinceFilter,
    StartInput,
    TravelInput,
    UndoInput,
    UseHotspotInput,
    WaitInput,
)
from .services import Idempotency, Moved

TAGS = ["sessions"]


def is_author_of(user: Any, session: GameSession) -> bool:
    return bool(user.is_staff or session.world.owner_id == user.pk)


def idempotency_of(request: Request) -> Idempotency | None:
    key = header_key(request)
    return Idempotency(key, body_sha256(request)) if key else None


class SessionEndpoint(Endpoint):
    """Finds the session; a stale or unavailable move answers with the session as it is now."""

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, StaleSession) and isinstance(exc.extra.get("current"), GameSession):
            exc.extra["current"] = output.session_json(exc.extra["current"])
        if isinstance(exc, NotAvailable) and exc.reasons:
            exc.extra["reasons"] = [verdict.as_json() for verdict in exc.reasons]
            exc.detail = f"{exc.detail} {first_reason(exc.reasons, self.names)}".strip()
            exc.reasons = ()
        return super().handle_exception(exc)

    names: Any = None

    def readable(self, request: Request, session_id: int) -> GameSession:
        session = queries.readable(request.user, session_id)
        audits.audit_session(actor=request.user, action="read", session=session)
        return self.ready(session)

    def changeable(self, request: Request, session_id: int) -> GameSession:
        session = queries.changeable(request.user, session_id)
        audits.audit_session(actor=request.user, action="change", session=session)
        return services.rated(session=self.ready(session), user=request.user)

    def ready(self, session: GameSession) -> GameSession:
        session = services.current(dialogue.finish_overdue(session))
        self.names = spec_of(session.release).names
        return session

    def moved(self, request: Request, session: GameSession, action: Action, version: int | None) -> Response:
        done = speaking.told(services.move(session=session, action=action, version=version, idempotency=idempotency_of(request)))
        return Response(output.moved_json(done))

    def answer(self, moved: Moved) -> Response:
        return Response(output.moved_json(moved))


class SessionListView(SessionEndpoint):
    @describe("Your sessions", answer=SessionBriefOutput, query=SessionFilter, paged=True, tags=TAGS)
    def get(self, request: Request) -> Response:
        return self.page(queries.of_player(request.user, self.query(SessionFilter).get("world_id")).order_by("-updated_at", "-id"), output.brief_json)

    @describe("Start a session", body=StartInput, answer=SessionOutput, status=201, errors=[403, 404, 409], idempotent=True, tags=TAGS)
    @idempotent
    def post(self, request: Request) -> Response:
        data = self.body(StartInput)
        world = queries.playable_world(request.user, data["world_id"])
        if data.get("user_id", request.user.pk) != request.user.pk:
            raise Invalid([("/user_id", "not_you", "A session is started for oneself.")])
        owner = bool(request.user.is_staff or world.owner_id == request.user.pk)
        draft = data.get("draft", owner and world.published_id is None)
        if draft and not owner:
            raise NotAllowed("Only the author plays the draft.")
        started = Started()
        special = {name for name in ("flags", "stats", "world_time", "scene_id", "current_node_id", "location_id") if data.get(name)}
        if special:
            started = self._special(request, world, data, special, owner=owner, draft=draft)
        moved = speaking.began(services.start(user=request.user, world=world, draft=draft, started=started))
        return Response(
            output.session_json(moved.session, moved.world, moved.state),
            status=201,
            headers={"Location": f"/api/v1/game-sessions/{moved.session.pk}"},
        )

    def _special(self, request: Request, world: Any, data: dict[str, Any], special: set[str], *, owner: bool, draft: bool) -> Started:
        """The printed longer body: a player may name the world's own beginning; anything else is for owner and staff."""
        release = draft_release(world=world, actor=request.user) if draft else world.published
        spec = spec_of(release)
        probe = GameSession(release=release, world=world)
        scene = scene_key(probe, data["scene_id"]) if data.get("scene_id") else ""
        node = data.get("current_node_id") or ""
        if node and spec.find_node((scene or spec.entry_scene, node)) is None:
            raise Invalid([("/current_node_id", "does_not_exist", f"The scene has no node “{node}”.")])
        entry = spec.entry_scene
        usual = scene in ("", entry) and node in ("", spec.scene(entry).entry if entry else "")
        if not owner and (special - {"scene_id", "current_node_id"} or not usual):
            raise NotAllowed("Only the author starts a session elsewhere than at its beginning.")
        return Started(
            scene="" if usual else scene,
            node="" if usual else node,
            location=location_key(probe, data["location_id"]) if data.get("location_id") else "",
            world_time=data.get("world_time") or 0,
            flags=tuple(data.get("flags") or ()),
            stats=dict(data.get("stats") or {}),
        )


class SessionView(SessionEndpoint):
    @describe("A session with its view", answer=SessionOutput, errors=[404], tags=TAGS)
    def get(self, request: Request, session_id: int) -> Response:
        session = self.readable(request, session_id)
        return Response(output.session_json(session))

    @describe("Edit by hand, or go to a node", body=PatchInput, answer=MoveOutput, errors=[403, 404, 409], tags=TAGS)
    def patch(self, request: Request, session_id: int) -> Response:
        session = self.changeable(request, session_id)
        data = self.body(PatchInput)
        version = data.pop("version", None)
        if not is_author_of(request.user, session):
            return self._go(request, session, data, version)
        values: dict[str, Any] = {name: data[name] for name in ("flags", "stats", "inventory", "world_time") if name in data}
        if "relationships" in data:
            values["relationships"] = relationships(session, data["relationships"])
        if "location_id" in data:
            values["location"] = location_key(session, data["location_id"])
        if "scene_id" in data:
            values["scene"] = scene_key(session, data["scene_id"])
        if "current_node_id" in data:
            values["node"] = data["current_node_id"]
        _declared(session, values)
        return self.answer(services.patch(session=session, values=values, version=version))

    def _go(self, request: Request, session: GameSession, data: dict[str, Any], version: int | None) -> Response:
        """A player may name the node he goes to: that is *choose*, if exactly one open edge leads there."""
        if set(data) - {"current_node_id"}:
            raise NotAllowed("Players change a session by moves only.")
        if not data:
            return self.answer(Moved(session, spec_of(session.release), queries.state_of(session)))
        spec, state = spec_of(session.release), queries.state_of(session)
        node = data["current_node_id"]
        edges = spec.scene(state.at.scene).edges if state.at else {}
        found = [
            option.action
            for option in options(spec, state)
            if isinstance(option.action, Choose) and (target := edges[option.action.edge].target) is not None and target.node == node
        ]
        if len(found) != 1:
            raise Conflict(
                f"{len(found) or 'No'} open choices lead to “{node}”; name one of them with choose.", edges=[action.edge for action in found]
            )
        return self.moved(request, session, found[0], version)


def _declared(session: GameSession, values: dict[str, Any]) -> None:
    """Raises Invalid with pointers for stats, items, axes and nodes the world does not have."""
    spec = spec_of(session.release)
    errors = [(f"/stats/{k}", "unknown", f"The manifest declares no stat “{k}”.") for k in values.get("stats", {}) if k not in spec.stats]
    errors += [(f"/inventory/{k}", "unknown", f"The manifest declares no item “{k}”.") for k in values.get("inventory", {}) if k not in spec.items]
    errors += [
        (f"/relationships/{npc}/{axis}", "unknown", f"There is no axis “{axis}”.")
        for npc, axes in values.get("relationships", {}).items()
        for axis in axes
        if axis not in spec.axes
    ]
    if "node" in values:
        at = queries.state_of(session).at
        scene = values.get("scene") or (at.scene if at else spec.entry_scene)
        if spec.find_node((scene, values["node"])) is None:
            errors.append(("/current_node_id", "does_not_exist", f"The scene has no node “{values['node']}”."))
    if errors:
        raise Invalid(errors)


# -- moves ------------------------------------------------------------------------------------------------------------


class ContinueView(SessionEndpoint):
    @describe("Go on", body=MoveInput, answer=MoveOutput, errors=[404, 409], idempotent=True, tags=TAGS)
    def post(self, request: Request, session_id: int) -> Response:
        session = self.changeable(request, session_id)
        return self.moved(request, session, Continue(), self.body(MoveInput).get("version"))


class ChooseView(SessionEndpoint):
    @describe("Take a choice", body=ChooseInput, answer=MoveOutput, errors=[404, 409], idempotent=True, tags=TAGS)
    def post(self, request: Request, session_id: int) -> Response:
        session = self.changeable(request, session_id)
        data = self.body(ChooseInput)
        return self.moved(request, session, Choose(edge=data["edge_id"]), data.get("version"))


class TravelView(SessionEndpoint):
    @describe("Go to a place", body=TravelInput, answer=MoveOutput, errors=[404, 409], idempotent=True, tags=TAGS)
    def post(self, request: Request, session_id: int) -> Response:
        session = self.changeable(request, session_id)
        data = self.body(TravelInput)
        return self.moved(request, session, Travel(location=location_key(session, data["location_id"])), data.get("version"))


class HotspotView(SessionEndpoint):
    @describe("Use a hotspot", body=UseHotspotInput, answer=MoveOutput, errors=[404, 409], idempotent=True, tags=TAGS)
    def post(self, request: Request, session_id: int) -> Response:
        session = self.changeable(request, session_id)
        data = self.body(UseHotspotInput)
        return self.moved(request, session, Hotspot(hotspot=data["hotspot_id"]), data.get("version"))


class WaitView(SessionEndpoint):
    @describe("Let time pass", body=WaitInput, answer=MoveOutput, errors=[404, 409], idempotent=True, tags=TAGS)
    def post(self, request: Request, session_id: int) -> Response:
        session = self.changeable(request, session_id)
        data = self.body(WaitInput)
        return self.moved(request, session, Wait(seconds=data["advance_by_sec"]), data.get("version"))


# -- the log ----------------------------------------------------------------------------------------------------------


class NoteView(SessionEndpoint):
    @describe("Append a client's note", body=NoteInput, answer=EventOutput, status=201, errors=[404, 409], tags=TAGS)
    def post(self, request: Request, session_id: int) -> Response:
        session = self.changeable(request, session_id)
        data = self.body(NoteInput)
        event = services.note(session=session, data={"note": data["action"], **{k: v for k, v in data.items() if k != "action" and v is not None}})
        return Response(output.event_json(session, event), status=201)


class EventsView(SessionEndpoint):
    @describe("The log", answer=EventOutput(many=True), query=SinceFilter, errors=[404], tags=TAGS)
    def get(self, request: Request, session_id: int) -> Response:
        session = self.readable(request, session_id)
        found = queries.events_since(session, self.query(SinceFilter).get("since", 0))
        author = is_author_of(request.user, session)
        return Response([output.event_json(session, event, author=author) for event in found])


class ReportsView(SessionEndpoint):
    @describe("Report a line of an NPC", body=ReportInput, answer=ReportOutput, status=201, errors=[404], tags=TAGS)
    def post(self, request: Request, session_id: int) -> Response:
        session = self.changeable(request, session_id)
        data = self.body(ReportInput)
        npc = npc_key(session, data.pop("npc_id"))
        with pointing("/line"):
            made = reports.report(session=session, reporter=request.user, npc=npc, **data)
        shown = {"id": made.pk, "line": made.text, "reason": made.reason, "status": made.status, "created_at": made.created_at}
        return Response({**shown, "npc_id": session.release.ids["npcs"][npc]}, status=201)


# -- back and forth ---------------------------------------------------------------------------------------------------


class UndoView(SessionEndpoint):
    @describe("Step back", body=UndoInput, answer=MoveOutput, errors=[404, 409], tags=TAGS)
    def post(self, request: Request, session_id: int) -> Response:
        session = self.changeable(request, session_id)
        return self.answer(services.undo(session=session, to_version=self.body(UndoInput).get("to_version")))


class RedoView(SessionEndpoint):
    @describe("Step forward again", body=Nothing, answer=MoveOutput, errors=[404, 409], tags=TAGS)
    def post(self, request: Request, session_id: int) -> Response:
        session = self.changeable(request, session_id)
        self.body(Nothing)
        return self.answer(services.redo(session=session))


class ForkView(SessionEndpoint):
    @describe("A second session with the same past", body=Nothing, answer=SessionOutput, status=201, errors=[404, 409], idempotent=True, tags=TAGS)
    @idempotent
    def post(self, request: Request, session_id: int) -> Response:
        session = self.changeable(request, session_id)
        self.body(Nothing)
        return Response(output.session_json(services.fork(session=session, user=session.user)), status=201)
