"""One world of everything, and a foreign one beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from generation import accounts, orders
from generation.models import Asset, Generation, ProviderAccount
from npcs.models import Npc, NpcState, ScheduleSlot
from pixsim.models import User
from scenes.bundle import export
from scenes.models import Hotspot, Scene, SceneEdge, SceneNode
from sessions import services, story_reports, storytest_services
from sessions.engine import Answered, Continue, Interact
from sessions.experiments import services as experiments
from sessions.experiments.models import Experiment
from sessions.models import DialogueTurn, GameSession, StoryTest
from sessions.publishing import publish
from tests.api.conftest import client_of, make_user
from tests.api.permission_rows import AN_EXPERIMENT, ROWS, Row, story_test
from tests.api.walk import Walked
from tests.lines import keep_line
from worlds.models import Location, World
from worlds.services import create_world

MISSING = 999_999
MANIFEST = {
    "wait": "free",
    "interactions": {
        "talk": {
            "type": "inline_dialogue",
            "lines": [{"text": "Aye?"}],
            "choices": [{"id": "ask", "label": "Ask about the fog", "replies": [{"text": "It comes and goes."}]}],
        }
    },
}


@dataclass
class Things:
    """What belongs to one author."""

    world: World
    location: Location
    market: Location
    npc: Npc
    scene: Scene
    node: SceneNode
    edge: SceneEdge
    hotspot: Hotspot
    slot: ScheduleSlot
    asset: Asset
    account: ProviderAccount
    generation: Generation
    model: Asset

    def ids(self) -> dict[str, Any]:
        """Path parameters by name."""
        return {
            "world_id": self.world.pk,
            "location_id": self.location.pk,
            "npc_id": self.npc.pk,
            "scene_id": self.scene.pk,
            "trigger_id": self.hotspot.pk,
            "hotspot_pk": self.hotspot.pk,
            "asset_id": self.asset.pk,
            "account_id": self.account.pk,
            "generation_id": self.generation.pk,
            "node_key": self.node.key,
            "edge_key": self.edge.key,
            "key": self.node.key,
        }


def things_of(owner: User, name: str) -> Things:
    world = create_world(owner=owner, name=name, meta={"theme": "Maritime trade hub"})
    location = Location.objects.create(world=world, key="harbor", name="Harbor")
    npc = Npc.objects.create(world=world, key="mara", name="Mara", home_location=location)
    NpcState.objects.create(npc=npc)
    scene = Scene.objects.create(world=world, key="intro", title="Intro", is_entry=True)
    node = SceneNode.objects.create(scene=scene, key="node1")
    last = SceneNode.objects.create(scene=scene, key="node2", kind="end", position=1)
    return Things(
        world=world,
        location=location,
        market=Location.objects.create(world=world, key="market", name="Market"),
        npc=npc,
        scene=scene,
        node=node,
        edge=SceneEdge.objects.create(scene=scene, key="edge1", source=node, target=last, label="Go on"),
        hotspot=Hotspot.objects.create(
            world=world, key="door", location=location, target={"mesh": {"object_name": "door"}}, action={"type": "play_scene", "scene": "intro"}
        ),
        slot=ScheduleSlot.objects.create(npc=npc, key="slot1", days=[1], start="06:00", end="12:00", location=location),
        asset=Asset.objects.create(owner=owner, media_type="image", label="Portrait", status="ready", width=600, height=800),
        account=accounts.create_account(owner=owner, provider_id="double", key=f"sk-of-{owner.username}"),
        generation=waiting_job(owner, world),
        model=Asset.objects.create(owner=owner, media_type="gltf", label="Docks", status="ready"),
    )


def waiting_job(owner: User, world: World) -> Generation:
    order = orders.Order(operation_type="text_to_video", provider_id="double", world_id=world.pk, inputs={"prompt": f"Waves of {world.name}"})
    return orders.create(owner=owner, order=order).generation


class Stage(Things):
    """The owner's things, everybody who may come, and another author's things as `foreign`."""

    def __init__(self) -> None:
        self._done: list[Row] = []
        self.owner = make_user("owner", author=True)
        self.other_author = make_user("other", author=True)
        self.player = make_user("player")
        self.staff = make_user("staff", staff=True)
        super().__init__(**vars(things_of(self.owner, "Harbor")))
        self.foreign = things_of(self.other_author, "Elsewhere")

    def bundle(self) -> SimpleUploadedFile:
        file = BytesIO()
        export(self.world, file)
        return SimpleUploadedFile("harbor.pixsim.zip", file.getvalue(), "application/zip")

    def card(self) -> SimpleUploadedFile:
        return SimpleUploadedFile("wren.json", b'{"spec": "chara_card_v2", "spec_version": "2.0", "data": {"name": "Wren"}}', "application/json")

    def twee(self) -> SimpleUploadedFile:
        return SimpleUploadedFile("fog.twee", b":: Start\nFog. [[Go on->End]]\n\n:: End\nHarbor.", "text/plain")

    def picture(self) -> SimpleUploadedFile:
        file = BytesIO()
        Image.new("RGB", (64, 64), "teal").save(file, "PNG")
        return SimpleUploadedFile("quay.png", file.getvalue(), "image/png")

    def ready(self, row: Row) -> None:
        """What must have happened before a row's request; once, whoever asks."""
        if row.before and row not in self._done:
            self._done.append(row)
            row.before(self)

    # -- played -------------------------------------------------------------------------------------------------------
    @cached_property
    def published(self) -> World:
        """The owner's world with something of every move, published. Made when asked for: most endpoints need none."""
        World.objects.filter(pk=self.world.pk).update(meta={**self.world.meta, "manifest": MANIFEST})
        Scene.objects.filter(pk=self.scene.pk).update(entry_node="start", location=self.location)
        nodes = {
            key: SceneNode.objects.create(scene=self.scene, key=key, kind=kind, position=position, meta=meta)
            for position, (key, kind, meta) in enumerate([("start", "video", {"free": True}), ("where", "choice", {}), ("last", "end", {})], start=2)
        }
        for key, source, target, label in (("on", "start", "where", ""), ("onward", "where", "last", "Go on")):
            SceneEdge.objects.create(scene=self.scene, key=key, source=nodes[source], target=nodes[target], label=label)
        self.world.refresh_from_db()
        publish(world=self.world, actor=self.owner, force=True)
        return self.world

    @cached_property
    def session(self) -> GameSession:
        """The player's."""
        return services.start(user=self.player, world=self.published).session

    @cached_property
    def foreign_session(self) -> GameSession:
        publish(world=self.foreign.world, actor=self.other_author, force=True)
        return services.start(user=self.other_author, world=self.foreign.world).session

    @cached_property
    def story_test(self) -> StoryTest:
        return storytest_services.create(world=self.published, actor=self.owner, data=story_test(self))

    @cached_property
    def turn(self) -> DialogueTurn:
        """A line of the player's session, kept."""
        return keep_line(self.session, npc="mara", text="Aye?")

    @cached_property
    def experiment(self) -> Experiment:
        """On the owner's published world; not started."""
        return experiments.create(world=self.published, actor=self.owner, values={"key": "gentle", **AN_EXPERIMENT})

    def experimenting(self) -> None:
        experiments.start(experiment=self.experiment, now=timezone.now())

    def analysed(self) -> None:
        """The draft has been analysed by a worker."""
        story_reports.make(story_reports.order_analysis(world=self.world, actor=self.owner).pk, now=timezone.now())

    def walked_at_random(self) -> None:
        story_reports.order_players(world=self.world, actor=self.owner, players=2, moves=5, seed=1)

    def moved(self) -> None:
        services.move(session=self.session, action=Continue())

    def undone(self) -> None:
        self.moved()
        services.undo(session=GameSession.objects.get(pk=self.session.pk))

    def saved(self) -> None:
        services.save(session=self.session, name="First")

    def talked(self) -> None:
        """The free node's talk, answered by the only line there is."""
        moved = services.move(session=self.session, action=Interact(npc=self.npc.key, interaction="talk"))
        services.move(session=moved.session, action=Answered(turn=moved.session.version, text="Aye?", writer="scripted"))

    def failed(self) -> None:
        Asset.objects.filter(pk=self.asset.pk).update(
            status="failed", recipe={"renderer": "still", "prompt": "fog", "seed": 1}, recipe_sha256="f" * 64
        )

    def ended(self) -> None:
        orders.cancel(generation=self.generation, actor=self.owner)

    def unknown(self) -> None:
        Generation.objects.filter(pk=self.generation.pk).update(status="submitting", needs_attention=True)
        self.generation.submissions.update(submission_state="unknown")

    def user(self, role: str) -> User | None:
        return None if role == "anonymous" else getattr(self, role)

    def client(self, role: str) -> APIClient:
        client = client_of(self.user(role))
        client.raise_request_exception = False
        return client

    def kwargs(self, walked: Walked, row: Row, **others: Any) -> dict[str, Any]:
        names = {part.partition(":")[2].rstrip(">") for part in walked.route.replace("<", "\n<").split("\n") if part.startswith("<")}
        names = {name.partition(">")[0] for name in names}
        played = {"session_id": self.session.pk} if "session_id" in names else {}
        played |= {"experiment_id": self.experiment.pk} if "experiment_id" in names else {}
        known = {**self.ids(), **played, **(row.kwargs(self) if row.kwargs else {}), **others}
        return {name: known[name] for name in names}

    def url(self, walked: Walked, row: Row, **others: Any) -> str:
        return reverse(walked.name, kwargs=self.kwargs(walked, row, **others))

    def send(self, role: str, walked: Walked, *, url: str | None = None) -> Any:
        """A good request, made by `role`."""
        row = ROWS[walked.method, walked.name]
        self.ready(row)
        body = row.body(self) if row.body else None
        query = row.query(self) if row.query else None
        if walked.method == "get":
            return self.client(role).get(url or self.url(walked, row), query)
        address = (url or self.url(walked, row)) + (f"?{'&'.join(f'{k}={v}' for k, v in query.items())}" if query else "")
        return getattr(self.client(role), walked.method)(address, body, format="multipart" if row.multipart else "json")
