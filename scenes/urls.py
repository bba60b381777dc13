"""REST of scenes, hotspots and bundles, below /api/v1/."""

from __future__ import annotations

from pixsim.lib.api.routes import api_path

from .api import EdgeListView, EdgeView, GraphView, NodeListView, NodeView, SceneListView, SceneView, ThumbnailView
from .bundle_api import ExportView, ImportView
from .editor_api import ChangesView, DraftView, VocabularyView
from .prompt_api import VisualPromptView
from .trigger_api import HotspotListView, HotspotView
from .twee_api import ImportTweeView

urlpatterns = [
    api_path("game-scenes/", SceneListView.as_view(), "scenes"),
    api_path("game-scenes/import-twee", ImportTweeView.as_view(), "scene-import-twee"),
    api_path("game-scenes/<id:scene_id>", SceneView.as_view(), "scene"),
    api_path("game-scenes/<id:scene_id>/nodes", NodeListView.as_view(), "scene-nodes"),
    api_path("game-scenes/<id:scene_id>/nodes/<key:key>", NodeView.as_view(), "scene-node"),
    api_path("game-scenes/<id:scene_id>/edges", EdgeListView.as_view(), "scene-edges"),
    api_path("game-scenes/<id:scene_id>/edges/<key:key>", EdgeView.as_view(), "scene-edge"),
    api_path("game-scenes/<id:scene_id>/graph", GraphView.as_view(), "scene-graph"),
    api_path("game-scenes/<id:scene_id>/graph/draft", DraftView.as_view(), "scene-draft"),
    api_path("game-scenes/<id:scene_id>/vocabulary", VocabularyView.as_view(), "scene-vocabulary"),
    api_path("game-scenes/<id:scene_id>/changes", ChangesView.as_view(), "scene-changes"),
    api_path("game-scenes/<id:scene_id>/thumbnail", ThumbnailView.as_view(), "scene-thumbnail"),
    api_path("npc-prompts/visual", VisualPromptView.as_view(), "npc-prompt-visual"),
    api_path("game/triggers", HotspotListView.as_view(), "hotspots"),
    api_path("game/triggers/<id:hotspot_pk>", HotspotView.as_view(), "hotspot"),
    api_path("game-worlds/<id:world_id>/export", ExportView.as_view(), "world-export"),
    api_path("game-worlds/import", ImportView.as_view(), "world-import"),
]
