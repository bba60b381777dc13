"""The player's pages, and the author's page that publishes. They stand here because they read worlds, people and sessions."""

from __future__ import annotations

from django.urls import path

from pixsim.lib.api.routes import api_path as page

from . import analysis_views, guided_views, playtest_views, problem_views, rewind_views, sheet_views, turn_views, views
from .experiments import pages as experiment_pages
from .studio_views import studio, way

urlpatterns = [
    path("", views.front, name="front"),
    page("play/", views.shelf, "play"),
    page("author/studio/", studio, "studio"),
    page("play/<id:session_id>/way/", way, "way"),
    page("play/worlds/<id:world_id>/start/", views.start, "start"),
    page("play/<id:session_id>/", views.game, "game"),
    page("play/<id:session_id>/move/", views.move, "move"),
    page("play/<id:session_id>/report/", views.report, "report"),
    page("play/<id:session_id>/rating/", views.rate, "rate"),
    page("play/<id:session_id>/care/", views.close_care, "close_care"),
    page("play/<id:session_id>/undo/", views.step_back, "step_back"),
    page("play/<id:session_id>/map/", sheet_views.map_sheet, "map"),
    page("play/<id:session_id>/lines/", sheet_views.backlog, "backlog"),
    page("play/<id:session_id>/theme.css", sheet_views.theme, "theme"),
    page("play/<id:session_id>/captions.vtt", sheet_views.subtitles, "captions"),
    page("play/<id:session_id>/keys/", sheet_views.keys, "keys"),
    page("play/<id:session_id>/things/", sheet_views.things, "things"),
    page("play/<id:session_id>/transcript/", sheet_views.transcript, "transcript"),
    page("play/<id:session_id>/journal/", sheet_views.journal, "journal"),
    page("play/<id:session_id>/redo/", rewind_views.step_forward, "step_forward"),
    page("play/<id:session_id>/rewind/", rewind_views.rewind, "rewind"),
    page("play/<id:session_id>/fork/", rewind_views.fork, "fork"),
    page("play/<id:session_id>/saves/", rewind_views.saves_page, "saves"),
    page("play/<id:session_id>/saves/new/", rewind_views.save_new, "save_new"),
    page("play/<id:session_id>/saves/<id:number>/load/", rewind_views.save_load, "save_load"),
    page("play/<id:session_id>/saves/<id:number>/rename/", rewind_views.save_rename, "save_rename"),
    page("play/<id:session_id>/saves/<id:number>/delete/", rewind_views.save_delete, "save_delete"),
    page("play/<id:session_id>/developer/", rewind_views.dev_panel, "dev_panel"),
    page("play/<id:session_id>/developer/override/", rewind_views.dev_override, "dev_override"),
    page("play/<id:session_id>/developer/reset/", rewind_views.dev_reset, "dev_reset"),
    page("author/sessions/<id:session_id>/", rewind_views.timeline, "timeline"),
    page("author/sessions/<id:session_id>/at/<int:version>/", rewind_views.view_at, "view_at"),
    page("author/new-world/", guided_views.new_world, "new_world"),
    page("author/first-world/", guided_views.first_world, "first_world"),
    page("author/first-world/<id:world_id>/<slug:step>/", guided_views.guided_step, "guided_step"),
    page("author/scenes/<id:scene_id>/playtest/", playtest_views.setup, "playtest_setup"),
    page("author/playtests/<slug:token>/", playtest_views.game, "playtest_game"),
    page("author/playtests/<slug:token>/move/", playtest_views.move, "playtest_move"),
    page("author/playtests/<slug:token>/back/", playtest_views.step_back, "playtest_back"),
    page("author/playtests/<slug:token>/result/", playtest_views.result, "playtest_result"),
    page("author/worlds/<id:world_id>/tests/", playtest_views.story_tests, "story_tests"),
    page("author/worlds/<id:world_id>/tests/run/", playtest_views.run_story_tests, "run_story_tests"),
    page("author/worlds/<id:world_id>/tests/<slug:key>/", playtest_views.story_test, "story_test_page"),
    page("author/worlds/<id:world_id>/tests/<slug:key>/delete/", playtest_views.delete_story_test, "delete_story_test"),
    page("author/worlds/<id:world_id>/publish/", views.publish_world, "publish_world"),
    page("author/worlds/<id:world_id>/problems/", problem_views.world_problems, "world_problems"),
    page("author/worlds/<id:world_id>/analysis/", analysis_views.world_analysis, "world_analysis"),
    page("author/worlds/<id:world_id>/analysis/players/<id:report_id>.svg", analysis_views.players_plot, "players_plot"),
    page("author/worlds/<id:world_id>/turns/", turn_views.world_turns, "world_turns"),
    page("author/sessions/<id:session_id>/turns/", turn_views.session_turns, "session_turns"),
    page("author/sessions/<id:session_id>/turns/compare/", turn_views.compare, "compare_turns"),
    page("author/sessions/<id:session_id>/turns/<id:turn_id>/", turn_views.turn, "turn"),
    page("author/worlds/<id:world_id>/memories/", views.memories, "memories"),
    page("author/worlds/<id:world_id>/experiments/", experiment_pages.world_experiments, "world_experiments"),
    page("author/experiments/<id:experiment_id>/", experiment_pages.experiment, "world_experiment"),
    page("author/worlds/<id:world_id>/funnel/", experiment_pages.world_funnel, "world_funnel"),
    page("author/worlds/<id:world_id>/sessions/", experiment_pages.world_sessions, "world_sessions"),
]
