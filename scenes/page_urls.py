"""The author's pages of made things. They stand here because they read worlds, people and scenes."""

from __future__ import annotations

from pixsim.lib.api.routes import api_path as page

from . import views

urlpatterns = [
    page("control-center/", views.control_center, "control_center"),
    page("control-center/estimate/", views.estimate, "control_center_estimate"),
    page("control-center/budget/", views.budget_meter, "control_center_budget"),
    page("control-center/fill/", views.fill_gaps, "fill_gaps"),
    page("control-center/<id:generation_id>/", views.job_card, "job_card"),
    page("control-center/<id:generation_id>/change/", views.change_job, "change_job"),
    page("author/history/<id:row_id>/restore/", views.restore_part, "restore_part"),
    page("assets/", views.gallery, "gallery"),
    page("assets/<id:asset_id>/", views.asset, "asset_page"),
]
