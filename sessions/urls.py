"""REST of sessions, and of what reads from every app."""

from __future__ import annotations

from pixsim.lib.api.routes import api_path

from . import analysis_api, api, playtest_api, preview_api, prompt_api, rewind_api, storytest_api, world_api
from .experiments import api as experiments_api

urlpatterns = [
    api_path("game-sessions/", api.SessionListView.as_view(), "sessions"),
    api_path("game-sessions/playtest", playtest_api.PlaytestView.as_view(), "playtest"),
    api_path("game-sessions/<id:session_id>", api.SessionView.as_view(), "session"),
    api_path("game-sessions/<id:session_id>/continue", api.ContinueView.as_view(), "session-continue"),
    api_path("game-sessions/<id:session_id>/choose", api.ChooseView.as_view(), "session-choose"),
    api_path("game-sessions/<id:session_id>/travel", api.TravelView.as_view(), "session-travel"),
    api_path("game-sessions/<id:session_id>/hotspot", api.HotspotView.as_view(), "session-hotspot"),
    api_path("game-sessions/<id:session_id>/time", api.WaitView.as_view(), "session-time"),
    api_path("game-sessions/<id:session_id>/event", api.NoteView.as_view(), "session-event"),
    api_path("game-sessions/<id:session_id>/events", api.EventsView.as_view(), "session-events"),
    api_path("game-sessions/<id:session_id>/turns", prompt_api.TurnsView.as_view(), "session-turns"),
    api_path("game-sessions/<id:session_id>/turns/<id:turn_id>", prompt_api.TurnView.as_view(), "session-turn"),
    api_path("game-sessions/<id:session_id>/reports", api.ReportsView.as_view(), "session-reports"),
    api_path("game-sessions/<id:session_id>/undo", api.UndoView.as_view(), "session-undo"),
    api_path("game-sessions/<id:session_id>/redo", api.RedoView.as_view(), "session-redo"),
    api_path("game-sessions/<id:session_id>/fork", api.ForkView.as_view(), "session-fork"),
    api_path("game-sessions/<id:session_id>/saves", rewind_api.SavesView.as_view(), "session-saves"),
    api_path("game-sessions/<id:session_id>/saves/<id:number>", rewind_api.SaveView.as_view(), "session-save"),
    api_path("game-sessions/<id:session_id>/saves/<id:number>/load", rewind_api.LoadView.as_view(), "session-load"),
    api_path("game-sessions/<id:session_id>/branches", rewind_api.BranchesView.as_view(), "session-branches"),
    api_path("game-sessions/<id:session_id>/verify", rewind_api.VerifyView.as_view(), "session-verify"),
    api_path("dev/override-npc-state", rewind_api.OverrideView.as_view(), "override-npc-state"),
    api_path("npc-interactions/list", world_api.InteractionListView.as_view(), "interactions-list"),
    api_path("npc-interactions/execute", world_api.InteractionExecuteView.as_view(), "interactions-execute"),
    api_path("npc-interactions/simulate", world_api.InteractionSimulateView.as_view(), "interactions-simulate"),
    api_path("npc-prompts/preview", prompt_api.PromptPreviewView.as_view(), "npc-prompt-preview"),
    api_path("game-npcs/<id:npc_id>/schedule-preview", preview_api.SchedulePreviewView.as_view(), "npc-schedule-preview"),
    api_path("game-npcs/presence", world_api.PresenceView.as_view(), "presence"),
    api_path("game-worlds/<id:world_id>/publish", world_api.PublishView.as_view(), "world-publish"),
    api_path("game-worlds/<id:world_id>/analysis", analysis_api.AnalysisView.as_view(), "world-analysis"),
    api_path("game-worlds/<id:world_id>/analysis/play", analysis_api.PlayWayView.as_view(), "world-analysis-play"),
    api_path("game-worlds/<id:world_id>/random-players", analysis_api.PlayersView.as_view(), "world-random-players"),
    api_path("game-scenes/<id:scene_id>/coverage", analysis_api.CoverageView.as_view(), "scene-coverage"),
    api_path("game-worlds/<id:world_id>/publish/preview", world_api.PublishPreviewView.as_view(), "world-publish-preview"),
    api_path("game-worlds/<id:world_id>/story-tests/", storytest_api.StoryTestListView.as_view(), "story-tests"),
    api_path("game-worlds/<id:world_id>/story-tests/run", storytest_api.RunView.as_view(), "story-tests-run"),
    api_path("game-worlds/<id:world_id>/story-tests/<key:key>", storytest_api.StoryTestView.as_view(), "story-test"),
    api_path("game-worlds/<id:world_id>/problems", world_api.ProblemsView.as_view(), "world-problems"),
    api_path("game-worlds/<id:world_id>/experiments", experiments_api.ExperimentsView.as_view(), "experiments"),
    api_path("game-experiments/<id:experiment_id>", experiments_api.ExperimentView.as_view(), "experiment"),
    api_path("game-experiments/<id:experiment_id>/start", experiments_api.StartView.as_view(), "experiment-start"),
    api_path("game-experiments/<id:experiment_id>/stop", experiments_api.StopView.as_view(), "experiment-stop"),
    api_path("game-experiments/<id:experiment_id>/archive", experiments_api.ArchiveView.as_view(), "experiment-archive"),
    api_path("game-experiments/<id:experiment_id>/preview", experiments_api.PreviewView.as_view(), "experiment-preview"),
    api_path("game-experiments/<id:experiment_id>/outcome", experiments_api.OutcomeView.as_view(), "experiment-outcome"),
    api_path("game-worlds/<id:world_id>/funnel", experiments_api.FunnelView.as_view(), "world-funnel"),
    api_path("game-worlds/<id:world_id>/sessions", experiments_api.WorldSessionsView.as_view(), "world-sessions"),
]
