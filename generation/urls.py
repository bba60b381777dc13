"""REST of assets and of what makes them, below /api/v1/."""

from __future__ import annotations

from pixsim.lib.api.routes import api_path

from .api import AssetLineageView, AssetListView, AssetRetryView, AssetView
from .job_api import (
    AccountListView,
    AccountView,
    BudgetView,
    EstimateView,
    GenerationAttachView,
    GenerationCancelView,
    GenerationListView,
    GenerationRetryView,
    GenerationSettleView,
    GenerationView,
    ProviderListView,
    WebhookView,
)

urlpatterns = [
    api_path("assets/", AssetListView.as_view(), "assets"),
    api_path("assets/<id:asset_id>", AssetView.as_view(), "asset"),
    api_path("assets/<id:asset_id>/retry", AssetRetryView.as_view(), "asset-retry"),
    api_path("assets/<id:asset_id>/lineage", AssetLineageView.as_view(), "asset-lineage"),
    api_path("generation/", GenerationListView.as_view(), "generations"),
    api_path("generation/estimate", EstimateView.as_view(), "generation-estimate"),
    api_path("generation/providers", ProviderListView.as_view(), "generation-providers"),
    api_path("generation/budget", BudgetView.as_view(), "generation-budget"),
    api_path("generation/accounts/", AccountListView.as_view(), "generation-accounts"),
    api_path("generation/accounts/<id:account_id>", AccountView.as_view(), "generation-account"),
    api_path("generation/<id:generation_id>", GenerationView.as_view(), "generation"),
    api_path("generation/<id:generation_id>/cancel", GenerationCancelView.as_view(), "generation-cancel"),
    api_path("generation/<id:generation_id>/retry", GenerationRetryView.as_view(), "generation-retry"),
    api_path("generation/<id:generation_id>/attach", GenerationAttachView.as_view(), "generation-attach"),
    api_path("generation/<id:generation_id>/settle", GenerationSettleView.as_view(), "generation-settle"),
    api_path("webhooks/<key:provider_id>", WebhookView.as_view(), "webhook"),
]
