"""The Brain Lab as a form: what it shows is what it saves, in one change; what is wrong stands at its field; nothing typed is lost."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from generation.models import Asset
from npcs.interactions import merge_interactions
from npcs.lab.overrides import groups_of, patch_of
from npcs.lab.person import ends_of
from npcs.models import Npc
from tests.documents import harbor
from tests.playing import account, harbor_district, published
from worlds.models import World, WorldHistory


class Page(HTMLParser):
    """A form as a browser would send it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self._area: tuple[str, list[str]] | None = None
        self._select: tuple[str, list[str], str | None] | None = None
        self._outside = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name")
        if tag == "template":
            self._outside += 1
        if self._outside or (name is None and tag != "option"):
            return
        if tag == "input" and given.get("type") not in ("submit", "file") and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.fields.append((str(name), given.get("value") or ("on" if given.get("type") == "checkbox" else "")))
        elif tag == "textarea":
            self._area = (str(name), [])
        elif tag == "select":
            self._select = (str(name), [], None)
        elif tag == "option" and self._select:
            chosen = (given.get("value") or "") if "selected" in given or not self._select[1] else None
            self._select = (self._select[0], [*self._select[1], ""], chosen if chosen is not None else self._select[2])

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._outside -= 1
        elif tag == "textarea" and self._area:
            self.fields.append((self._area[0], "".join(self._area[1]).replace("\r\n", "\n").removeprefix("\n").replace("\n", "\r\n")))
            self._area = None
        elif tag == "select" and self._select:
            self.fields.append((self._select[0], self._select[2] or ""))
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self._area[1].append(data)

    def data(self, **changes: Any) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, value in self.fields:
            found.setdefault(name, []).append(value)
        return {**found, **{name: value if isinstance(value, list) else [value] for name, value in changes.items()}}


@pytest.fixture
def world(db: None) -> World:
    return published(harbor(), owner=account("anna", author=True))


@pytest.fixture
def mara(world: World) -> Npc:
    return world.npcs.get(key="captain_mara")


@pytest.fixture
def door(world: World) -> Client:
    client = Client()
    client.force_login(world.owner)
    return client


def lab(npc: Npc) -> str:
    return reverse("admin:npcs_npc_change", args=[npc.pk])


def shown(door: Client, npc: Npc) -> Page:
    answer = door.get(lab(npc))
    assert answer.status_code == 200
    return Page(answer.content.decode())


def saved(door: Client, npc: Npc, **changes: Any) -> Npc:
    answer = door.post(lab(npc), shown(door, npc).data(**changes))
    assert answer.status_code == 302, [answer.context["errors"], answer.context["lab"].errors]
    return Npc.objects.get(pk=npc.pk)


def test_saving_what_is_shown_changes_nothing_for_anybody_of_the_harbor_district(db: None) -> None:
    district = harbor_district(owner=account("anna", author=True))
    client = Client()
    client.force_login(district.owner)
    before = WorldHistory.objects.count()
    for npc in district.npcs.all():
        saved(client, npc)
    assert [(row.part, row.before, row.after) for row in WorldHistory.objects.all()[: WorldHistory.objects.count() - before]] == []


def test_everything_of_a_person_is_saved_in_one_change(door: Client, world: World, mara: Npc) -> None:
    before = world.draft_version
    slot = mara.schedule.first()
    assert slot is not None
    changed = saved(
        door, mara, openness="0.25", neuroticism="", quirks="hums\r\nwhittles", voice_style="playful and teasing", base_stats="melee: 61\r\nluck: 0.5",
        other_traits='{"left_handed": true}', felt_affinity="35", felt_trust="", description="A captain.\r\nOf ships.", note="Retake",
        **{"schedule-0-start": "05:30", "schedule-0-activity": "fishing"},
    )  # fmt: skip
    assert changed.personality["openness"] == 0.25
    assert "neuroticism" not in changed.personality
    assert changed.personality["quirks"] == ["hums", "whittles"]
    assert changed.personality["left_handed"] is True
    assert changed.stats == {"melee": 61, "luck": 0.5}
    assert changed.state.relationships["affinity"] == 35
    assert "trust" not in changed.state.relationships
    assert changed.meta["description"] == "A captain.\nOf ships."
    assert (changed.schedule.get(pk=slot.pk).start, changed.schedule.get(pk=slot.pk).activity) == ("05:30", "fishing")
    assert [row.part for row in WorldHistory.objects.filter(world=world, version__gt=before)] == ["npc/captain_mara"]
    world.refresh_from_db()
    assert world.draft_version == before + 1


WRONG = {
    "openness": ("1.5", "less than or equal to 1"),
    "other_traits": ("{", "not JSON"),
    "base_stats": ("melee: strong", "is no number"),
    "felt_affinity": ("101", "less than or equal to 100"),
    "other_meta": ('{"unknown": 1}', "unknown"),
    "schedule-0-start": ("25:00", "25:00"),
    "schedule-1-location": ("", "Say where"),
    "schedule-2-rule": ("patrol", "A patrol needs stops"),
}


def test_errors_stand_at_their_fields_and_nothing_typed_is_lost(door: Client, mara: Npc) -> None:
    sent = shown(door, mara).data(voice_style="typed and not lost", **{name: value for name, (value, _) in WRONG.items()})
    answer = door.post(lab(mara), sent)
    assert answer.status_code == 200
    text = answer.content.decode()
    for name, (_, words) in WRONG.items():
        at = text.index(f'name="{"schedule-2-stops" if name == "schedule-2-rule" else name}"')
        assert words in text[at:].partition("data-field=")[0], name
    again = Page(text).data()
    assert {name: again[name] for name in sent if "csrf" not in name} == {name: value for name, value in sent.items() if "csrf" not in name}
    assert Npc.objects.get(pk=mara.pk).version == mara.version


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("other_traits", '{"1x": 1}', "1x"),
        ("base_stats", "melee", "a colon and a number"),
        ("base_stats", "melee: 1\r\nmelee: 2", "there twice"),
        ("personality_json", '{"openness": 7}', "/openness"),
    ],
)
def test_a_whole_that_is_wrong_is_told_too(door: Client, mara: Npc, field: str, value: str, words: str) -> None:
    answer = door.post(lab(mara), shown(door, mara).data(**{field: value, **({"personality_as_json": "on"} if field == "personality_json" else {})}))
    assert words in str(answer.context["lab"].errors[field])


def test_the_words_at_the_ends_of_a_slider_are_those_of_the_schema() -> None:
    assert ends_of("conscientiousness") == ("careless", "disciplined")


def test_json_is_taken_instead_of_the_fields_where_one_says_so(door: Client, mara: Npc) -> None:
    changed = saved(door, mara, personality_as_json="on", personality_json='{"openness": 1, "own": ["x"]}')
    assert changed.personality == {"openness": 1, "own": ["x"]}


# -- the week and the faces -------------------------------------------------------------------------------------------
def test_a_slot_and_a_patrol_are_added_without_a_script(door: Client, world: World, mara: Npc) -> None:
    count = mara.schedule.count()
    row = f"schedule-{count}"
    changed = saved(
        door, mara, **{f"{row}-days": ["6", "7"], f"{row}-start": "22:00", f"{row}-end": "04:00", f"{row}-rule": "patrol", f"{row}-stops": "harbor: 60\r\ntavern: 30"}
    )  # fmt: skip
    made = changed.schedule.order_by("-pk").first()
    assert made is not None
    assert (made.days, made.start, made.end, made.location) == ([6, 7], "22:00", "04:00", None)
    assert made.stops == [{"location": "harbor", "minutes": 60}, {"location": "tavern", "minutes": 30}]
    assert made.key.startswith("slot")


def test_a_week_that_is_not_saved_is_looked_through(door: Client) -> None:
    slots = [
        {"key": "Harbor 06:00", "days": [1], "start": "06:00", "end": "12:00", "location": "harbor"},
        {"key": "Market 11:00", "days": [1, 2], "start": "11:00", "end": "13:00", "location": "market"},
        {"key": "Tavern 15:00", "days": [1], "start": "15:00", "end": "02:00", "location": "tavern"},
    ]
    answer = door.post(reverse("admin:npcs_npc_week"), json.dumps({"slots": slots}), content_type="application/json")
    assert [(one["code"], one["day"], one["start"], one["end"]) for one in answer.json()["problems"]] == [
        ("overlap", 1, 11 * 3600, 12 * 3600),
        ("gap", 1, 13 * 3600, 15 * 3600),
        ("gap", 2, 2 * 3600, 11 * 3600),
    ]
    for junk in (b"", b"{}", b"[1]", b'{"slots": 7}', b"\xff", b'{"slots": [' + b"1," * 200_000 + b"1]}"):
        assert door.post(reverse("admin:npcs_npc_week"), junk, content_type="application/json").status_code == 400
    strange = [{"days": "x", "start": 7, "end": None}, {"days": [9], "start": "00:00", "end": "24:00"}, 7]
    assert door.post(reverse("admin:npcs_npc_week"), json.dumps({"slots": strange}), content_type="application/json").status_code == 200


def upload(kind: str = "PNG") -> SimpleUploadedFile:
    file = BytesIO()
    Image.new("RGB", (300, 400), "teal").save(file, kind)
    return SimpleUploadedFile("mara.png", file.getvalue())


def test_a_face_is_uploaded_and_cropped_without_a_script(door: Client, mara: Npc) -> None:
    row = f"expressions-{mara.expressions.count()}"
    crop = {f"{row}-crop_{name}": value for name, value in (("x", "10"), ("y", "5"), ("width", "200"), ("height", "200"))}
    answer = door.post(
        lab(mara), {**shown(door, mara).data(**{f"{row}-state": "sleepy", f"{row}-alt": "Eyes shut"}, **crop), f"{row}-upload": upload()}
    )
    assert answer.status_code == 302
    face = mara.expressions.get(state="sleepy")
    assert (face.crop, face.meta, face.asset.width) == ({"x": 10, "y": 5, "width": 200, "height": 200}, {"alt": "Eyes shut"}, 300)


def test_a_picture_is_kept_though_another_field_is_wrong_and_what_is_none_is_refused_there(door: Client, mara: Npc) -> None:
    row = f"expressions-{mara.expressions.count()}"
    answer = door.post(lab(mara), {**shown(door, mara).data(**{f"{row}-state": "sleepy", f"{row}-crop_x": "1"}), f"{row}-upload": upload()})
    assert "Give all four numbers" in answer.content.decode()
    assert Page(answer.content.decode()).data()[f"{row}-asset"] == [str(Asset.objects.latest("pk").pk)]
    count = Asset.objects.count()
    answer = door.post(
        lab(mara), {**shown(door, mara).data(**{f"{row}-state": "sleepy"}), f"{row}-upload": SimpleUploadedFile("x.png", b"no picture")}
    )
    assert "none of the accepted kinds" in answer.content.decode()
    assert Asset.objects.count() == count


# -- interactions -----------------------------------------------------------------------------------------------------
def test_an_override_shows_what_it_inherits_and_can_be_reset(door: Client, world: World, mara: Npc) -> None:
    Npc.objects.filter(pk=mara.pk).update(interaction_overrides={"talk": {"gating": {"min_affinity": 3, "flags": ["met"]}}, "odd": {}})
    page = shown(door, mara)
    assert page.data()["io:talk:/gating/min_affinity"] == ["3"]
    changed = saved(door, mara, **{"io:talk:/gating/min_affinity": "5", "io-new:talk": "/gating/min_trust", "io-value:talk": "10"})
    assert changed.interaction_overrides == {"talk": {"gating": {"min_affinity": 5, "flags": ["met"], "min_trust": 10}}, "odd": {}}
    changed = saved(
        door, mara, **{"io:talk:/gating/min_affinity": "", "io:talk:/gating/flags": "", "io:talk:/gating/min_trust": "", "io:talk:/type!": "on"}
    )
    assert changed.interaction_overrides == {"talk": {"type": None}, "odd": {}}
    assert saved(door, mara, **{"io-off:talk": "on"}).interaction_overrides["talk"] == {"disabled": True, "type": None}


def test_a_wrong_override_is_told_at_its_row(door: Client, mara: Npc) -> None:
    sent = shown(door, mara).data(**{"io:talk:/gating/min_affinity": "much"})
    group = next(one for one in door.post(lab(mara), sent).context["lab"].groups if one.id == "talk")
    assert [row.errors for row in group.rows if row.pointer == "/gating/min_affinity"] == [["This is no number."]]
    sent = shown(door, mara).data(**{"io-new:talk": "/cooldown_sec", "io-value:talk": "-5"})
    group = next(one for one in door.post(lab(mara), sent).context["lab"].groups if one.id == "talk")
    assert [bool(row.errors) for row in group.rows if row.pointer == "/cooldown_sec"] == [True]


leaf = st.none() | st.booleans() | st.integers(-99, 99) | st.sampled_from(["", "Aye", " x ", "a/b~c"]) | st.lists(st.integers(0, 3), max_size=2)
tree = st.recursive(leaf, lambda inner: st.dictionaries(st.sampled_from(["a", "b/c", "d~e", "label"]), inner, max_size=3), max_leaves=6)
interactions = st.dictionaries(st.sampled_from(["talk", "flirt", "trade"]), st.dictionaries(st.sampled_from(["label", "gating", "once", "lines"]), tree, max_size=3), max_size=3)  # fmt: skip
patches = st.dictionaries(st.sampled_from(["talk", "flirt", "ask"]), st.none() | st.dictionaries(st.sampled_from(["label", "gating", "once", "disabled"]), tree, max_size=3), max_size=3)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(interactions, interactions, patches)
def test_sending_rows_as_they_are_shown_changes_no_override(world: Any, role: Any, own: Any) -> None:
    shown = groups_of(world, role, own)
    data = {f"io-here:{group.id}": "1" for group in shown}
    data |= {f"io-off:{group.id}": "on" for group in shown if group.off}
    data |= {row.name: row.value for group in shown for row in group.rows}
    data |= {f"{row.name}!": "on" for group in shown for row in group.rows if row.removed}
    assert patch_of(groups_of(world, role, own, data), shown, own) == own


@settings(max_examples=60, deadline=None)
@given(interactions, interactions, patches)
def test_a_row_emptied_is_inherited_again(world: Any, role: Any, own: Any) -> None:
    own = {name: {key: value for key, value in patch.items() if key != "disabled"} for name, patch in own.items() if isinstance(patch, dict)}
    shown = groups_of(world, role, own)
    data = {f"io-here:{group.id}": "1" for group in shown}
    patch = patch_of(groups_of(world, role, own, data), shown, own)
    known = merge_interactions(world, role, None)
    merged = merge_interactions(world, role, patch)
    assert {name: merged[name].value for name in known} == {name: known[name].value for name in known}
