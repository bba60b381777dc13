"""The walkthrough's sixth section, iteration, in a real browser: an author changes a person and a scene while somebody plays. The player's page was
open before, and gets both without a reload and without an error. (The third scenario, overrides, is in `test_overrides.py`.)"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from generation.language import endpoints
from pixsim.lib.encryption import new_key
from pixsim.models import User
from scenes.models import Scene, SceneEdge, SceneNode
from sessions import proofs, queries, services
from sessions.engine import Choose, Continue
from sessions.models import GameSession, MadeLine
from worlds.models import World

from .conftest import Visitor
from .graph_page import Editor, log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OLD = "Smart. The sea provides for those who respect it."
NEW = "Oh, I like you already! Got that entrepreneurial spirit, eh? Stick around, might have something for you."

LISTEN = """() => {
  window.heard = new Set(); // badges and toasts go again after seconds
  const hear = () => { for (const one of document.querySelectorAll('.badge, #toasts p')) window.heard.add(one.textContent); };
  new MutationObserver(hear).observe(document.body, { childList: true, subtree: true });
}"""


def playing(world: World, *actions: Any) -> GameSession:
    session = services.start(user=User.objects.get(username="player"), world=queries.playable_world(world.owner, world.pk)).session
    for action in actions:
        session = services.move(session=session, action=action).session
    return session


def window(visit: Callable[..., Visitor], username: str, path: str = "", **how: Any) -> Visitor:
    visitor = visit(**how)
    log_in(visitor, username)
    visitor.page.set_default_timeout(10_000)
    if path:
        visitor.goto(path)
    return visitor


def publish(author: Visitor, world: World) -> None:
    author.goto(f"/author/worlds/{world.pk}/publish/")
    author.press(f"Publish {world.name}")
    author.sees("Published")


def test_scenario_1_mara_is_made_more_playful_while_somebody_talks_to_her(
    visit: Callable[..., Visitor], district: World, fake_models: Any, settings: Any
) -> None:
    settings.APP_FIELD_KEYS = new_key()
    endpoints.create_endpoint(key="openai", base_url=fake_models.base_url, dialogue_model="fake", is_default=True)
    mara = district.npcs.get(key="captain_mara")
    session = playing(district, Choose(edge="edge2b"), Continue())
    player = window(visit, "player", f"/play/{session.pk}/")
    player.live()
    fake_models.answers(said(OLD))
    player.press("Talk")
    player.sees(OLD)
    assert "Gruff but fair" in fake_models.prompts()[-1]

    author = window(visit, "author", f"/admin/npcs/npc/{mara.pk}/change/")
    page = author.page
    page.get_by_label("Extraversion", exact=True).fill("0.9")
    page.get_by_label("Neuroticism", exact=True).fill("0.1")
    page.get_by_label("Voice").fill("playful and teasing")
    page.get_by_role("button", name="Save and test").click()
    pair = page.locator("#tested .tested-pair").first
    pair.wait_for()
    assert pair.locator(".line-was").text_content() != pair.locator(".line-now").text_content()
    page.get_by_role("button", name="Save it").click()
    page.locator(".messagelist .success").wait_for()
    publish(author, district)

    # Back to the session, as it stood there: Talk again.
    fake_models.answers(said(NEW))
    player.press("Talk")
    player.sees(NEW)
    prompt = fake_models.prompts()[-1]
    assert "Playful and teasing" in prompt
    assert "Gruff but fair" not in prompt
    assert OLD in prompt, "the conversation goes on: only who she is has changed"
    player.fine("scenario-1")
    assert proofs.verify(queries.fresh(session.pk)) == []


def said(text: str) -> dict[str, Any]:
    return {"reply": text, "emotion": "friendly", "effects": {"relationships": [], "flags": []}, "choices": [], "memory": None}


def test_scenario_2_a_branch_and_an_interaction_are_added_while_somebody_stands_in_the_scene(visit: Callable[..., Visitor], district: World) -> None:
    scene = Scene.objects.get(world=district, key="tavern_npc_encounter")
    assert not SceneNode.objects.filter(scene__world=district, label="Offer to help").exists()
    assert "mara_quest_started" not in str(district.published.document)
    session = playing(district, Choose(edge="edge2b"), Continue())
    player = window(visit, "player", f"/play/{session.pk}/")
    player.live()
    player.page.locator("[data-key=interactions]").wait_for()
    expect(player.page.get_by_text("Ask about the job")).to_have_count(0)

    # 1–3: a new node with its configuration, the way to it with its effects; saved.
    author = window(visit, "author")
    e = Editor(author, scene)
    e.press("Add", exact=True)
    e.page.get_by_role("menuitem", name="Dialogue").click()
    e.inspector.get_by_label("Label", exact=True).fill("Offer to help")
    e.add("the node", "Generation")
    e.add("Generation", "Type")
    e.inspector.get_by_label("Type", exact=True).select_option("dialogue")
    e.add("Generation", "Strategy")
    e.inspector.get_by_label("Strategy", exact=True).select_option("per_playthrough")
    author.fine("scenario-2-node")
    e.card("node3").click()
    e.press("Connect …")
    dialog = e.page.get_by_role("dialog")
    dialog.get_by_label("Leads to").select_option(label="Offer to help")
    dialog.get_by_label("What the player reads").fill("Offer to help")
    dialog.get_by_role("button", name="Connect").click()
    e.add("the conditions", "Flags")
    e.press("Add flag to Flags")
    e.inspector.get_by_label("Flag: wanted or not").select_option(label="not set")
    e.inspector.get_by_label("Flag: which").fill("mara_quest_started")
    e.add("the effects", "Flags")
    e.page.get_by_role("button", name="Add flag to Flags").last.click()
    e.inspector.get_by_label("Flag: which").last.fill("mara_quest_started")
    e.add("the effects", "Relationships")
    e.add("Relationships", "Captain Mara")
    for axis, points in (("Affinity", "+10"), ("Trust", "+15")):
        e.add("Captain Mara", axis)
        e.inspector.get_by_label(f"{axis}: how much").fill(points)
    author.fine("scenario-2-way")
    e.save()
    node = SceneNode.objects.get(scene=scene, label="Offer to help")
    assert (node.kind, node.meta["generationConfig"]) == ("dialogue", {"type": "dialogue", "strategy": "per_playthrough"})
    way = SceneEdge.objects.get(target=node)
    assert (way.source.key, way.label, way.conditions) == ("node3", "Offer to help", {"flags": ["!mara_quest_started"]})
    assert way.effects == {"flags": ["mara_quest_started"], "relationships": {"npc:captain_mara": {"affinity": "+10", "trust": "+15"}}}

    # The interaction that it unlocks, by the wizard of the manifest builder.
    author.goto(f"/admin/worlds/world/{district.pk}/change/")
    page = author.page
    page.locator("[data-checked]").wait_for()
    page.get_by_role("tab", name="Manifest").click()
    page.get_by_role("button", name="Interaction wizard").click()
    page.get_by_role("radio", name="Something of my own").check()
    page.get_by_label("Label").last.fill("Ask about the job")
    page.get_by_role("button", name="Next").click()
    gating = page.locator('[data-pointer="/wizard/gating"]')
    gating.locator(".sf-adder select").select_option(label="Flags")
    gating.locator(".sf-adder button").click()
    flags = page.locator('[data-pointer="/wizard/gating/flags"]')
    flags.get_by_label("Flags: pick").select_option("Mara quest started")
    flags.get_by_label("Add to Flags").click()
    author.fine("scenario-2-wizard")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Add interaction", exact=True).last.click()
    page.get_by_role("button", name="Save and continue editing").click()
    page.locator(".messagelist .success").wait_for()
    district.refresh_from_db()
    made = district.manifest["interactions"]["ask_about_the_job"]
    assert (made["label"], made["gating"]) == ("Ask about the job", {"flags": ["mara_quest_started"]})
    publish(author, district)

    # 4–8: the page that was open all the time goes on, and meets both.
    player.press("Continue")
    player.page.locator("[data-key=choices] button, .choices button", has_text="Offer to help").wait_for()
    player.fine("scenario-2-choice")
    player.page.evaluate(LISTEN)
    player.press("Offer to help")
    for words in ("+10 Affinity", "+15 Trust", "Discovered: Mara quest started"):
        player.page.wait_for_function("(words) => window.heard.has(words)", arg=words)
    expect(player.page.locator("[data-axis=affinity] [aria-valuenow='40']")).to_be_visible()
    expect(player.page.locator("[data-axis=trust] [aria-valuenow='35']")).to_be_visible()
    player.page.locator(".node-line").wait_for()  # her line, written as one comes there
    expect(player.page.locator("[data-key=interactions] button", has_text="Ask about the job")).to_be_enabled()
    player.fine("scenario-2-job")
    player.press("Ask about the job")
    player.page.locator(".line-npc").first.wait_for()
    assert MadeLine.objects.filter(world=district, node=node.key).count() == 1, "once per playthrough"
    # A place to go on from: the branch has no way out yet, and the scene ends there.
    player.press("Continue")
    player.page.locator("#stage.stage-explore").wait_for()
    now = queries.fresh(session.pk)
    assert "mara_quest_started" in now.state["flags"]
    assert [event.action["type"] for event in now.events.order_by("seq")].count("reconciled") == 1
    assert proofs.verify(now) == []
