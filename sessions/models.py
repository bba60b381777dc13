"""One player's run: its present state, its log, its saves. Written by `sessions.services` and nothing else."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from pixsim.lib.fields import KeyField, SchemaField


class GameSessionQuerySet(models.QuerySet["GameSession"]):
    def readable_by(self, user: Any) -> GameSessionQuerySet:
        """A player's own; for an owner also those of his worlds; for staff all."""
        if user.is_staff:
            return self
        return self.filter(models.Q(user=user.pk) | models.Q(world__owner=user.pk))

    def changeable_by(self, user: Any) -> GameSessionQuerySet:
        return self if user.is_staff else self.filter(user=user.pk)


class GameSession(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="game_sessions")
    world = models.ForeignKey("worlds.World", models.CASCADE, related_name="game_sessions")
    release = models.ForeignKey("worlds.WorldRelease", models.PROTECT, related_name="game_sessions")
    on_draft = models.BooleanField(default=False, help_text="Follows the draft instead of the published release.")
    state = models.JSONField()
    version = models.PositiveBigIntegerField(default=0, help_text="Counts changes of the state.")
    seq = models.PositiveBigIntegerField(default=0, help_text="Counts rows of the log.")
    seed = models.BigIntegerField(help_text="Draws of weighted edges come from the seed and the version.")
    playthrough_id = models.UUIDField(default=uuid.uuid4, help_text="Kept by undo, copied by fork.")
    hand_edited = models.BooleanField(default=False)
    variant = models.CharField(max_length=90, blank=True, default="", help_text="experiment/a or experiment/b; empty in none.")
    notice = models.CharField(max_length=500, blank=True, help_text="What changed under the player, until the next move.")
    turn_due_at = models.DateTimeField(null=True, blank=True, db_index=True, help_text="When the open dialogue turn is finished by the local writer.")
    forked_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="forks")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = GameSessionQuerySet.as_manager()
    over: SandboxState | None = None
    """The sandbox this session is shown as, when it is: its state and version stand in for the session's own. Set by `queries.in_sandbox`."""

    class Meta:
        ordering: ClassVar[list[str]] = ["-updated_at"]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["user", "world"], name="session_by_player_and_world"),
            models.Index(fields=["world", "variant"], name="session_by_world_and_variant"),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"


class SessionEvent(models.Model):
    """One row of the log. A state event has a patch; a note of a client and a keyed no-op have none."""

    session = models.ForeignKey(GameSession, models.CASCADE, related_name="events")
    seq = models.PositiveBigIntegerField()
    version = models.PositiveBigIntegerField(help_text="The version after this row.")
    parent = models.PositiveBigIntegerField(null=True, help_text="The version the state came from; differs from version − 1 after an undo.")
    action = models.JSONField()
    world = models.CharField("world document", max_length=64, help_text="SHA-256 of the release this ran on.")
    engine = models.CharField(max_length=20)
    patch = models.JSONField(null=True)
    state_sha256 = models.CharField(max_length=64, blank=True)
    snapshot = models.JSONField(null=True, help_text="The whole state, every 32 versions.")
    idem_key = models.CharField(max_length=255, null=True, blank=True)
    idem_sha256 = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["session_id", "seq"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["session", "seq"], name="event_seq_once_per_session"),
            models.UniqueConstraint(fields=["session", "version"], condition=models.Q(patch__isnull=False), name="event_version_once_per_session"),
            models.UniqueConstraint(
                fields=["session", "idem_key"], condition=models.Q(idem_key__isnull=False), name="event_idempotency_key_once_per_session"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}#{self.seq}"


class SandboxState(models.Model):
    """A developer's overrides over a session, and what is played under them. While there is one, moves land here; the session and its log stay
    as they are, and dropping this row drops all of it."""

    session = models.OneToOneField(GameSession, models.CASCADE, related_name="sandbox")
    release = models.ForeignKey("worlds.WorldRelease", models.CASCADE, related_name="+")
    base = models.JSONField(help_text="The state it was opened on.")
    base_version = models.PositiveBigIntegerField()
    state = models.JSONField()
    version = models.PositiveBigIntegerField(help_text="Goes on from the session's, so that what was shown before is stale.")
    moves = models.JSONField(default=list, help_text="What was done here, with patches: its own short log.")
    overrides = models.JSONField(default=dict, help_text="What was set, by key of the NPC.")
    notice = models.CharField(max_length=500, blank=True)
    turn_due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"overrides over session {self.session_id}"


class SavedGame(models.Model):
    session = models.ForeignKey(GameSession, models.CASCADE, related_name="saves")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120, blank=True)
    version = models.PositiveBigIntegerField()
    is_auto = models.BooleanField(default=False, help_text="Made by itself: before the scene changed, or when a day began.")
    picture = models.ForeignKey("generation.Asset", models.SET_NULL, null=True, blank=True, related_name="+")
    scene = models.CharField(max_length=120, blank=True, help_text="What was shown: the node, or its scene.")
    place = models.CharField(max_length=120, blank=True)
    clock = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["session_id", "number"]
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["session", "number"], name="save_number_once_per_session")]

    def __str__(self) -> str:
        return self.name or f"Save {self.number}"


class ConversationMemory(models.Model):
    """What an NPC remembers of a session: a projection of the state, rebuildable at any time."""

    session = models.ForeignKey(GameSession, models.CASCADE, related_name="memories")
    npc_key = models.CharField(max_length=80)
    memory_type = models.CharField(max_length=10)
    importance = models.PositiveSmallIntegerField()
    topic = models.CharField(max_length=80)
    summary = models.TextField()
    mood = models.CharField(max_length=40, blank=True)
    world_time = models.PositiveBigIntegerField()
    decays_at = models.PositiveBigIntegerField(null=True, blank=True, help_text="World time at which it is forgotten; empty for what stays.")
    witnessed = models.BooleanField(default=True, help_text="Seen, not only told.")
    witnesses = models.JSONField(default=list, blank=True, help_text="Keys of the others who were there.")
    told_by = models.CharField(max_length=80, blank=True, help_text="Key of who told it, for what was not seen.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["session_id", "npc_key", "world_time", "id"]
        verbose_name_plural = "conversation memories"

    def __str__(self) -> str:
        return f"{self.npc_key}: {self.topic}"


class MadeClip(models.Model):
    """What play has made for a node that says how (`generationConfig`) and lacks it, once in each room: a world, a player in it, a
    playthrough, or one arrival of a playthrough. Another config is another clip."""

    world = models.ForeignKey("worlds.World", models.CASCADE, related_name="made_clips")
    scope = models.CharField(max_length=80, help_text="world/7, world/7/player/3 or playthrough/<uuid>.")
    scene = models.CharField(max_length=80, help_text="Key of the scene.")
    node = models.CharField(max_length=80, help_text="Key of the node.")
    arrival = models.PositiveBigIntegerField(default=0, help_text="For the strategy always: the version of the session that came there.")
    config_sha256 = models.CharField(max_length=64)
    order = models.JSONField(default=dict, help_text="What was ordered; the same again when the first try was cut short.")
    generation = models.ForeignKey("generation.Generation", models.SET_NULL, null=True, blank=True, related_name="+")
    asset = models.ForeignKey("generation.Asset", models.SET_NULL, null=True, blank=True, related_name="+")
    tries = models.PositiveSmallIntegerField(default=0, help_text="Fruitless orders.")
    retry_at = models.DateTimeField(null=True, blank=True, help_text="Not ordered again before.")
    waiting = models.ManyToManyField(GameSession, blank=True, related_name="+", help_text="Sessions that are told when it is there.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["world", "scope", "scene", "node", "config_sha256", "arrival"], name="made_clip_once_per_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.scene}/{self.node} for {self.scope}"


class DialogueTurnQuerySet(models.QuerySet["DialogueTurn"]):
    def inspected_by(self, user: Any) -> DialogueTurnQuerySet:
        """For a world's owner those of its sessions, for staff all. A player reads no prompts, not even of his own game: they tell secrets."""
        return self if user.is_staff else self.filter(session__world__owner=user.pk)

    def brief(self) -> DialogueTurnQuerySet:
        """Without what only the inspector shows."""
        return self.defer("prompt", "raw", "mood", "proposal")


class DialogueTurn(models.Model):
    """Where a line of an NPC came from: what was asked and answered, what it cost, what was proposed and what became of it.

    One row for every answer; one that came too late is costed and never applied. A fork starts with none: its past is told by its origin.
    """

    class Outcome(models.TextChoices):
        APPLIED = "applied", "Said"
        LATE = "late", "Came too late"
        TRIED = "tried", "Tried out under overrides"

    session = models.ForeignKey(GameSession, models.CASCADE, related_name="dialogue_turns")
    turn = models.PositiveBigIntegerField(help_text="The version whose move asked for the line.")
    version = models.PositiveBigIntegerField(null=True, blank=True, help_text="The version the line made; empty where it came too late.")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.APPLIED)
    purpose = models.CharField(max_length=10, help_text="greet, reply or node.")
    world = models.CharField("world document", max_length=64, help_text="SHA-256 of the release this ran on.")
    world_time = models.PositiveBigIntegerField()
    npc_key = models.CharField(max_length=80)
    interaction = models.CharField(max_length=80, blank=True)
    choice = models.CharField(max_length=80, blank=True)
    said = models.TextField(blank=True, help_text="What the player said.")
    text = models.TextField(blank=True)
    emotion = models.CharField(max_length=40, blank=True)
    mood = models.JSONField(default=dict, help_text="The mood the line was asked in, with every contribution.")
    writer = models.CharField(max_length=40)
    model = models.CharField(max_length=120, blank=True)
    prompt = models.JSONField(default=dict, help_text="Sections with their phrases, sources and tokens, and the schema of the answer.")
    prompt_sha256 = models.CharField(max_length=64, blank=True)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    cached_tokens = models.PositiveIntegerField(default=0, help_text="Of the prompt's, those the server had in its cache.")
    is_estimated = models.BooleanField(default=False, help_text="The tokens were estimated, for the server did not count them.")
    cost = models.PositiveBigIntegerField(default=0, help_text="In millionths of a US dollar.")
    latency_ms = models.PositiveIntegerField(default=0)
    ladder = models.JSONField(default=list, help_text="Ways of answering that were tried, the one that answered last.")
    fallback = models.CharField(max_length=200, blank=True, help_text="Why the scripted writer spoke in another's place.")
    raw = models.TextField(blank=True, help_text="The answer as it came.")
    proposal = models.JSONField(default=dict, help_text="What the writer would like: emotion, memory, effects, choices.")
    result = models.JSONField(default=dict, help_text="What became of it: changes, and what was clamped or refused and why.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DialogueTurnQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["session_id", "id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["session", "turn", "purpose"], condition=models.Q(outcome="applied"), name="dialogue_turn_applied_once"),
        ]

    def __str__(self) -> str:
        return f"{self.npc_key} in session {self.session_id}, turn {self.turn}"


class MadeLine(models.Model):
    """What an NPC says at a dialogue node whose `generationConfig` asks for a line, written once in each room: a world, a player in it, a
    playthrough, or one arrival of a playthrough. Another config is another line. Kept as it was said, and said again."""

    world = models.ForeignKey("worlds.World", models.CASCADE, related_name="made_lines")
    scope = models.CharField(max_length=80, help_text="world/7, world/7/player/3, playthrough/<uuid> or sandbox/5.")
    scene = models.CharField(max_length=80, help_text="Key of the scene.")
    node = models.CharField(max_length=80, help_text="Key of the node.")
    arrival = models.PositiveBigIntegerField(default=0, help_text="For the strategy always: the version of the session that came there.")
    config_sha256 = models.CharField(max_length=64)
    npc_key = models.CharField(max_length=80)
    text = models.TextField(blank=True, help_text="Empty while it is being written.")
    emotion = models.CharField(max_length=40, blank=True)
    writer = models.CharField(max_length=40, blank=True)
    due_at = models.DateTimeField(null=True, blank=True, help_text="Until then somebody is writing it.")
    waiting = models.ManyToManyField(GameSession, blank=True, related_name="+", help_text="Sessions that are told when it is there.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["world", "scope", "scene", "node", "config_sha256", "arrival"], name="made_line_once_per_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.scene}/{self.node} for {self.scope}"


class LineReport(models.Model):
    """A player says that a line should not have been said. Kept with its words, for the line itself may be undone."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        UPHELD = "upheld", "Upheld"
        DISMISSED = "dismissed", "Dismissed"

    class Reason(models.TextChoices):
        SEXUAL = "sexual", "Sexual, or about a minor"
        HATE = "hate", "Hateful or degrading"
        HARM = "harm", "Encourages harm"
        PERSONAL = "personal", "About a real person"
        BROKEN = "broken", "Nonsense, or out of the story"
        OTHER = "other", "Something else"

    session = models.ForeignKey(GameSession, models.CASCADE, related_name="line_reports")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    npc_key = models.CharField(max_length=80)
    text = models.TextField(help_text="The line as it was said.")
    text_sha256 = models.CharField(max_length=64)
    writer = models.CharField(max_length=40)
    reason = models.CharField(max_length=20, choices=Reason.choices, default=Reason.OTHER)
    note = models.CharField(max_length=1000, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.OPEN)
    answer = models.CharField(max_length=1000, blank=True, help_text="What was decided, in words.")
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["status", "-id"], name="reports_by_status")]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["session", "reporter", "npc_key", "text_sha256"], name="line_reported_once_per_player"),
        ]

    def __str__(self) -> str:
        return f"{self.npc_key}: “{self.text[:60]}”"


class StoryReport(models.Model):
    """What was found out about a draft: its analysis, or what a crowd of random players saw. One per draft and question; the draft is named by
    its hash, so a report never speaks of another one."""

    class Kind(models.TextChoices):
        ANALYSIS = "analysis", "Analysis"
        PLAYERS = "players", "Random players"

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    world = models.ForeignKey("worlds.World", models.CASCADE, related_name="story_reports")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    sha256 = models.CharField("world document", max_length=64)
    question = models.CharField(max_length=120, help_text="What was asked for, such as players=1000&moves=200&seed=1.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    result = models.JSONField(default=dict)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    claimed_at = models.DateTimeField(null=True, blank=True, help_text="When a worker took it; one that is lost is taken again later.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["world", "kind", "sha256", "question"], name="story_report_once_per_draft_and_question"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["status", "claimed_at"], name="story_report_due")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.world_id}"


class StoryTestQuerySet(models.QuerySet["StoryTest"]):
    def authored_by(self, user: Any) -> StoryTestQuerySet:
        return self if user.is_staff else self.filter(world__owner=user.pk)


class StoryTest(models.Model):
    """A playthrough that must go on as it does. An author's, so written inside `authored`; it travels with the world and is no part of a release."""

    world = models.ForeignKey("worlds.World", models.CASCADE, related_name="story_tests")
    key = KeyField(blank=True, help_text="Made from the name when left empty.")
    name = models.CharField(max_length=200)
    note = models.TextField(blank=True, help_text="Why it matters.")
    start = SchemaField(schema="sessions/story_start", help_text="A scene and a node; without a scene one explores.")
    state = SchemaField(schema="npcs/mock_state", help_text="How things stand at the start.")
    actions = SchemaField(schema="sessions/story_moves", default=list, help_text="What the player does.")
    expect = SchemaField(schema="sessions/story_expect", help_text="What must be so afterwards.")
    version = models.PositiveIntegerField(default=1)

    objects = StoryTestQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["world_id", "key"]
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["world", "key"], name="story_test_key_once_per_world")]

    def __str__(self) -> str:
        return self.name


class StoryTestRun(models.Model):
    """What came of running a test once: green, or how it first differed."""

    test = models.ForeignKey(StoryTest, models.CASCADE, related_name="runs")
    world = models.CharField("world document", max_length=64, help_text="SHA-256 of the document it ran on.")
    is_green = models.BooleanField()
    differences = models.JSONField(default=list, blank=True, help_text="How it differed, the first difference first.")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["test", "-id"], name="runs_of_a_story_test")]

    def __str__(self) -> str:
        return "green" if self.is_green else str((self.differences or [{}])[0].get("words", "red"))


from sessions.experiments.models import Experiment, FunnelRow, SessionTally  # noqa: E402, F401 – Django looks for models here
