"""Character cards in the admin: taking one in, and the page of an NPC's own card with what it cannot carry."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from worlds.import_admin import ImportsFiles
from worlds.models import World

from .cards import services
from .cards.person import Loss, person_of
from .cards.reading import MAX_FILE, Card
from .cards.writing import kept_card
from .models import Npc


class CardPages(ImportsFiles):
    import_title = "Import a character card"
    import_button = "Import a character card"
    import_help = "A character card of SillyTavern and others, version 1 to 3: JSON, or the PNG it is inside of."
    import_accept = ".json,.png,application/json,image/png"
    import_page_after = "card"
    max_import = MAX_FILE

    def take(self, *, world: World, actor: Any, file: bytes) -> tuple[Npc, int]:
        made = services.import_card(world=world, actor=actor, content=file)
        return made.npc, len(made.losses)

    def get_urls(self) -> list[Any]:
        return [path("<path:object_id>/card/", self.admin_site.admin_view(require_safe(self.card_view)), name="npcs_npc_card"), *super().get_urls()]

    def card_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        npc = self.get_object(request, object_id)
        if not isinstance(npc, Npc):
            raise Http404("There is no such NPC.")
        card = kept_card(npc.meta)
        portrait = services.portrait_of(npc)
        version = npc.meta["extensions"]["character_card"]["version"] if card else 0
        context = {
            **self.admin_site.each_context(request),
            "title": "Character card",
            "opts": self.opts,
            "original": npc,
            "came_from_card": card is not None,
            "portrait": portrait.state if portrait else "",
            "export_losses": shown(services.export_losses(npc)),
            "import_losses": shown(person_of(Card(card, version)).losses) if card else [],
        }
        return render(request, "admin/npcs/npc/card.html", context)


def shown(losses: list[Loss]) -> list[dict[str, str]]:
    return [{"place": loss.pointer.removeprefix("/").replace("/", " › "), "message": loss.message} for loss in losses]
