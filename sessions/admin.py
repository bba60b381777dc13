"""Played things, to read: an owner sees the games in his worlds, staff every game. Changing them is the services' matter."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator

from pixsim.lib.admin import ReadOnlyAdmin, json_display
from worlds.admin import AuthoredAdmin, by_world

from . import audits, reports
from .experiments.models import Experiment, FunnelRow, SessionTally
from .models import (
    ConversationMemory,
    DialogueTurn,
    GameSession,
    LineReport,
    MadeClip,
    MadeLine,
    SandboxState,
    SavedGame,
    SessionEvent,
    StoryReport,
    StoryTest,
    StoryTestRun,
)


class PlayedAdmin(ReadOnlyAdmin):
    list_select_related = ("session",)
    list_filter = (by_world("session__world"),)

    def scope(self, rows: Any, user: Any) -> Any:
        return rows.filter(session__in=GameSession.objects.readable_by(user))


class OfOwnWorlds(ReadOnlyAdmin):
    """Rows of a world: its owner's and the staff's."""

    def scope(self, rows: Any, user: Any) -> Any:
        return rows if user.is_staff else rows.filter(world__owner=user.pk)


@admin.register(GameSession)
class GameSessionAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "world", "version", "on_draft", "hand_edited", "updated_at")
    list_filter = (by_world("world"), "on_draft", "hand_edited")
    show_state = json_display("state")
    fields = (
        "user",
        "world",
        "release",
        "on_draft",
        "version",
        "seq",
        "hand_edited",
        "notice",
        "forked_from",
        "created_at",
        "updated_at",
        "show_state",
    )

    def scope(self, rows: Any, user: Any) -> Any:
        found = rows.readable_by(user).select_related("user", "world", "release", "forked_from")
        return found.defer("release__document", "release__ids", "world__meta", "world__renamed")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        session = super().get_object(request, object_id, from_field)
        if session is not None:
            audits.audit_session(actor=request.user, action="read", session=session)
        return session


@admin.register(SessionEvent)
class SessionEventAdmin(PlayedAdmin):
    list_display = ("session", "seq", "version", "kind", "at")
    show_action, show_patch = json_display("action"), json_display("patch")
    fields = ("session", "seq", "version", "parent", "world", "engine", "show_action", "show_patch", "state_sha256", "at")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("snapshot", "session__state")

    @admin.display(description="action")
    def kind(self, event: SessionEvent) -> str:
        return str(event.action.get("type", ""))


@admin.register(SavedGame)
class SavedGameAdmin(PlayedAdmin):
    list_display = ("session", "number", "name", "version", "created_at")
    fields = list_display


@admin.register(ConversationMemory)
class ConversationMemoryAdmin(PlayedAdmin):
    list_display = ("session", "npc_key", "topic", "importance", "memory_type", "told_by", "world_time")
    fields = ("session", "npc_key", "topic", "summary", "importance", "memory_type", "mood", "witnessed", "told_by", "witnesses", "world_time",
              "decays_at", "created_at")  # fmt: skip


@admin.register(DialogueTurn)
class DialogueTurnAdmin(PlayedAdmin):
    """Lines as rows. Each leads to the inspector, which tells where it came from."""

    list_display = ("session", "turn", "npc_key", "interaction", "writer", "model", "outcome", "created_at", "why")
    list_filter = ("writer", "outcome", by_world("session__world"))
    search_fields = ("text", "npc_key", "interaction")
    show_result = json_display("result")
    fields = ("session", "turn", "npc_key", "interaction", "said", "text", "emotion", "writer", "model", "outcome", "fallback", "prompt_tokens",
              "completion_tokens", "is_estimated", "cost", "latency_ms", "created_at", "show_result", "why")  # fmt: skip

    def scope(self, rows: Any, user: Any) -> Any:
        return rows.inspected_by(user).brief()

    @admin.display(description="why this line")
    def why(self, line: DialogueTurn) -> str:
        return format_html('<a href="{}">Inspect</a>', reverse("turn", args=[line.session_id, line.pk]))


@admin.register(MadeLine)
class MadeLineAdmin(OfOwnWorlds):
    list_display = ("scene", "node", "npc_key", "scope", "arrival", "writer", "created_at")
    list_filter = (by_world("world"),)
    fields = ("world", "scope", "scene", "node", "arrival", "npc_key", "text", "emotion", "writer", "due_at", "created_at")


@admin.register(LineReport)
class LineReportAdmin(ReadOnlyAdmin):
    """The queue. What is open is decided by whoever owns the world, or by staff."""

    list_display = ("line", "npc_key", "reason", "status", "writer", "session", "created_at")
    list_filter = ("status", "reason", by_world("session__world"))
    list_select_related = ("session",)
    search_fields = ("text", "note", "npc_key")
    actions = ("uphold", "dismiss")
    fields = ("session", "npc_key", "text", "writer", "reason", "note", "created_at", "status", "answer", "resolved_by", "resolved_at")

    def scope(self, rows: Any, user: Any) -> Any:
        return rows.filter(pk__in=reports.readable_by(user))

    @admin.display(description="line")
    def line(self, report: LineReport) -> str:
        return Truncator(report.text).chars(90)

    @admin.action(description="Uphold: this line should not have been said")
    def uphold(self, request: HttpRequest, chosen: QuerySet[LineReport]) -> None:
        self._decide(request, chosen, LineReport.Status.UPHELD)

    @admin.action(description="Dismiss: nothing is wrong with it")
    def dismiss(self, request: HttpRequest, chosen: QuerySet[LineReport]) -> None:
        self._decide(request, chosen, LineReport.Status.DISMISSED)

    def _decide(self, request: HttpRequest, chosen: QuerySet[LineReport], status: LineReport.Status) -> None:
        done = sum(reports.resolve(report=report, actor=request.user, status=status) for report in chosen)
        self.message_user(request, f"{done} report{'s' if done != 1 else ''} {status.label.lower()}.", messages.SUCCESS)


@admin.register(StoryReport)
class StoryReportAdmin(OfOwnWorlds):
    list_display = ("world", "kind", "question", "status", "created_at", "finished_at")
    list_filter = (by_world("world"), "kind", "status")
    show_result = json_display("result")
    fields = ("world", "kind", "sha256", "question", "status", "error", "created_at", "claimed_at", "finished_at", "show_result")


@admin.register(MadeClip)
class MadeClipAdmin(OfOwnWorlds):
    list_display = ("scene", "node", "scope", "arrival", "generation", "asset", "tries", "retry_at")
    list_filter = (by_world("world"),)
    list_select_related = ("generation", "asset")
    show_order = json_display("order")
    fields = ("world", "scope", "scene", "node", "arrival", "generation", "asset", "tries", "retry_at", "created_at", "show_order")


@admin.register(StoryTest)
class StoryTestAdmin(AuthoredAdmin):
    list_display = ("name", "key", "world")
    list_select_related = ("world",)
    list_filter = (by_world("world"),)
    search_fields = ("name", "key")
    fields = ("world", "name", "key", "note", "start", "state", "actions", "expect")


@admin.register(StoryTestRun)
class StoryTestRunAdmin(ReadOnlyAdmin):
    list_display = ("test", "is_green", "at")
    list_select_related = ("test",)
    list_filter = (by_world("test__world"), "is_green")
    show_differences = json_display("differences")
    fields = ("test", "world", "is_green", "show_differences", "at")

    def scope(self, rows: Any, user: Any) -> Any:
        return rows.filter(test__in=StoryTest.objects.authored_by(user))


@admin.register(SandboxState)
class SandboxStateAdmin(PlayedAdmin):
    list_display = ("session", "base_version", "version", "made_by", "created_at")
    show_overrides, show_state = json_display("overrides"), json_display("state")
    fields = ("session", "base_version", "version", "made_by", "created_at", "notice", "show_overrides", "show_state")


@admin.register(Experiment)
class ExperimentAdmin(OfOwnWorlds):
    """As rows; started, stopped and compared on its own page."""

    list_display = ("title", "world", "subject", "status", "share", "started_at", "ended_at")
    list_filter = ("status", by_world("world"))
    show_a, show_b = json_display("patch_a"), json_display("patch_b")
    fields = ("world", "key", "title", "hypothesis", "subject", "title_a", "show_a", "title_b", "show_b", "share", "planned", "looks", "status",
              "created_by", "created_at", "started_at", "ended_at")  # fmt: skip


@admin.register(SessionTally)
class SessionTallyAdmin(PlayedAdmin):
    list_display = ("session", "version", "ending")
    show_facts = json_display("facts")
    fields = ("session", "version", "ending", "show_facts")


@admin.register(FunnelRow)
class FunnelRowAdmin(OfOwnWorlds):
    list_display = ("world", "variant", "kind", "path", "reached", "locked", "open", "taken", "gate_lost", "choice_lost")
    list_filter = (by_world("world"), "kind")
    show_clauses = json_display("clauses")
    fields = (*list_display, "show_clauses")
