"""Every page of the author's door: by the URLconf, so that a new one is looked at or says why not. And a world in which each has something to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import admin
from django.test import RequestFactory
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from generation import orders
from generation.models import Asset
from pixsim.models import User
from scenes.models import Hotspot, Scene
from scenes.twee.services import import_twee
from sessions import playtests, queries, services, story_reports, storytest_services
from sessions.engine import Choose, Continue
from sessions.experiments import funnels
from sessions.experiments import services as experiments
from sessions.experiments.models import Experiment
from sessions.models import DialogueTurn, GameSession
from sessions.publishing import draft_release
from sessions.releases import spec_of
from tests.lines import keep_line
from tests.playing import account
from tests.rows import add_rows
from worlds.models import World


class Stage(NamedTuple):
    """A world that was worked on and played in, as staff sees it."""

    world: World
    staff: User
    session: GameSession
    turns: list[DialogueTurn]
    scene: Scene
    told: Scene
    hotspot: Hotspot
    experiment: Experiment
    trial: str


Page = Callable[[Stage], str]


def of_world(name: str, query: str = "") -> Page:
    return lambda stage: reverse(name, args=[stage.world.pk]) + query


def plain(name: str, query: str = "") -> Page:
    return lambda stage: reverse(name) + query.format(world=stage.world.pk)


def of_session(name: str, *more: Any) -> Page:
    return lambda stage: reverse(name, args=[stage.session.pk, *more])


PAGES: dict[str, Page] = {
    "admin:index": plain("admin:index"),
    "admin:app_list": lambda stage: reverse("admin:app_list", args=["scenes"]),
    "admin:auth_user_password_change": lambda stage: reverse("admin:auth_user_password_change", args=[stage.staff.pk]),
    "admin:password_change": plain("admin:password_change"),
    "admin:password_change_done": plain("admin:password_change_done"),
    "admin:worlds_location_map": of_world("admin:worlds_location_map"),
    "admin:npcs_npc_import": plain("admin:npcs_npc_import"),
    "admin:npcs_npc_card": lambda stage: reverse("admin:npcs_npc_card", args=[stage.world.npcs.get(key="captain_mara").pk]),
    "admin:scenes_scene_import": plain("admin:scenes_scene_import"),
    "admin:scenes_scene_twee": lambda stage: reverse("admin:scenes_scene_twee", args=[stage.told.pk]),
    "admin:scenes_scene_graph": lambda stage: reverse("admin:scenes_scene_graph", args=[stage.scene.pk]),
    "admin:scenes_hotspot_place": lambda stage: (
        reverse("admin:scenes_hotspot_place", args=[stage.hotspot.location_id]) + f"?hotspot={stage.hotspot.pk}&beside={stage.scene.pk}"
    ),
    "control_center": plain("control_center", "?world={world}"),
    "fill_gaps": plain("fill_gaps", "?world={world}"),
    "gallery": plain("gallery"),
    "asset_page": lambda stage: reverse("asset_page", args=[Asset.objects.order_by("pk")[0].pk]),
    "studio": plain("studio", "?world={world}&npc=captain_mara&day=1&time=12:00&place=market&rel.affinity=30"),
    "timeline": of_session("timeline"),
    "view_at": of_session("view_at", 1),
    "new_world": plain("new_world"),
    "first_world": plain("first_world"),
    "guided_step": lambda stage: reverse("guided_step", args=[stage.world.pk, "person"]),
    "playtest_setup": lambda stage: reverse("playtest_setup", args=[stage.scene.pk]),
    "playtest_game": lambda stage: reverse("playtest_game", args=[stage.trial]),
    "playtest_result": lambda stage: reverse("playtest_result", args=[stage.trial]),
    "story_tests": of_world("story_tests"),
    "story_test_page": lambda stage: reverse("story_test_page", args=[stage.world.pk, storytest_services.of_world(stage.world)[0].key]),
    "publish_world": of_world("publish_world"),
    "world_problems": of_world("world_problems"),
    "world_analysis": of_world("world_analysis"),
    "world_turns": of_world("world_turns"),
    "session_turns": of_session("session_turns"),
    "compare_turns": lambda stage: of_session("compare_turns")(stage) + "?" + urlencode({"left": stage.turns[0].pk, "right": stage.turns[1].pk}),
    "turn": lambda stage: reverse("turn", args=[stage.session.pk, stage.turns[0].pk]),
    "memories": of_world("memories"),
    "world_experiments": of_world("world_experiments"),
    "world_experiment": lambda stage: reverse("world_experiment", args=[stage.experiment.pk]),
    "world_funnel": of_world("world_funnel"),
    "world_sessions": of_world("world_sessions"),
}
"""Pages beside lists and forms, by URL name. One that is neither here nor below fails the test."""
EXCLUDED: dict[str, str] = {
    "admin:login": "is shown to who is not logged in; the front pages' test looks at the form",
    "admin:logout": "only takes a POST",
    "admin:autocomplete": "JSON",
    "admin:jsi18n": "a script",
    "admin:view_on_site": "redirects",
    "admin:generation_modelendpoint_test": "only takes a POST",
    "admin:worlds_form": "JSON: what a form is drawn from",
    "admin:worlds_choose": "only takes a POST",
    "admin:npcs_npc_week": "JSON",
    "admin:npcs_npc_preview": "a part of the person's form; the Brain Lab's test looks at it there",
    "control_center_estimate": "a part of the control center, by POST",
    "control_center_budget": "a part of the control center",
    "job_card": "a part of the control center",
    "change_job": "only takes a POST",
    "restore_part": "only takes a POST",
    "playtest_move": "only takes a POST",
    "playtest_back": "only takes a POST",
    "run_story_tests": "only takes a POST",
    "delete_story_test": "only takes a POST",
    "players_plot": "a picture on the page of the analysis",
}
DOORS = ("admin/", "author/", "control-center/", "assets/")
KINDS = ("changelist", "add", "change", "history", "delete")


def names(patterns: Any = None, path: str = "", space: str = "") -> Iterator[str]:
    """The names of all URLs behind the author's door."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        here = path + str(one.pattern)
        if isinstance(one, URLPattern):
            if here.startswith(DOORS) and one.name:
                yield f"{space}{one.name}"
        else:
            yield from names(one.url_patterns, here, f"{one.namespace}:" if one.namespace else space)


def of_models(user: User) -> tuple[set[str], dict[str, str]]:
    """The names of every registered model's lists and forms, and the addresses of those this user may open: of each model's first row."""
    request = RequestFactory().get("/admin/")
    request.user = user
    known, found = set(), {}
    for model, owner in admin.site._registry.items():
        row = owner.get_queryset(request).order_by("pk").first()
        kept = not owner.has_change_permission(request)  # then no link leads to a history: there is none
        closed = {"add": not owner.has_add_permission(request), "delete": not owner.has_delete_permission(request), "history": kept}
        for kind in KINDS:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}"
            known.add(name)
            of_row = kind not in KINDS[:2]
            if not closed.get(kind) and (row is not None or not of_row):
                found[name] = reverse(name, args=(row.pk,) if row is not None and of_row else ())
    return known, found


def addresses(stage: Stage) -> dict[str, str]:
    """Every page by its URL name."""
    return {**of_models(stage.staff)[1], **{name: page(stage) for name, page in PAGES.items()}}


# -- the stage --------------------------------------------------------------------------------------------------------
TOLD = """:: StoryTitle
The Lighthouse

:: StoryData
{"ifid": "8E3F2B7C-1D3B-4C45-9F0A-0D6E8E1E9A11", "start": "Shore"}

:: Shore
<<set $lamp to 1>>The lamp turns.
[[Climb->Lamp]]

:: Lamp
You see the ships.
"""


def stage_in(world: World, staff: User) -> Stage:
    """The Harbor District after some work: played, talked in, tried, tested, filmed; and at least one row of every model."""
    session = queries.fresh(services.start(user=account("paul"), world=world).session.pk)
    services.move(session=session, action=Choose(edge="edge2b"))
    session = services.move(session=queries.fresh(session.pk), action=Continue()).session
    services.save(session=session, name="At the bar")
    turns = [
        keep_line(session, said="I heard there's good coin to be made.", emotion="friendly", writer="openai", model="llama3.2:3b"),
        keep_line(session, turn=9, text="There you are. I'd begun to count the tides.", fallback="The model did not answer in 20 seconds."),
    ]
    scene = Scene.objects.get(world=world, key="harbor_intro")
    told = import_twee(world=world, actor=staff, content=TOLD.encode()).scene
    report = story_reports.order_analysis(world=world, actor=staff)
    result = story_reports.made(spec_of(draft_release(world=world, actor=staff)), "analysis", {"steps": "300"})
    type(report).objects.filter(pk=report.pk).update(status="done", result=result)
    story_reports.make(story_reports.order_players(world=world, actor=staff, players=10, moves=20, seed=1).pk, now=timezone.now())
    storytest_services.run(world=world)
    softer = {"title": "A softer Mara", "subject": "npcs/captain_mara", "patch_b": {"personality": {"voice_style": "soft and slow"}}}
    experiment = experiments.create(world=world, actor=staff, values={"key": "softer", **softer})
    experiments.start(experiment=experiment, now=timezone.now())
    funnels.count(world.pk)
    orders.create(owner=world.owner, order=orders.Order(operation_type="text_to_video", provider_id="animatic", world_id=world.pk,
                                                        inputs={"prompt": "A foggy harbor at dawn"}))  # fmt: skip
    trial = playtests.Trial(world.pk, staff.pk, scene.pk, scene.key, scene.entry_node or "", {}, "scripted", None)
    playtests.open_trial(trial, world, {})
    for model in admin.site._registry:
        if not model._default_manager.exists():
            add_rows(model, 1)
    hotspot = Hotspot.objects.filter(world=world, location__isnull=False).order_by("pk")[0]
    return Stage(World.objects.get(pk=world.pk), staff, session, turns, scene, told, hotspot, experiment, trial.token)
