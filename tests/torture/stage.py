"""What is there before, and what must be true after. Runs in children: the killing process itself holds no connection to fork."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

BOUGHT = {"pixverse": {"model": "v5", "quality": "360p", "aspect_ratio": "16:9"}, "fal": {}, "comfyui": {}}
# Words for the prompt, by what each provider can do wrong. The slow ones end by the download's own deadline and are for runs by hand.
FAULTS = [
    "", "", "", "latency:0.1", "drop_before", "drop_after_accept", "reset_mid_body", "http_500_after_accept", "429:1:2", "fail", "moderate", "stuck",
    "poll_500:3", "url_404_for:2", "truncated_video", "truncated_video:1", "wrong_type", "odd_codec", "redirect_metadata", "webhook_before_answer",
    "webhook_dup:3", "webhook_forged", "echo_key",
]  # fmt: skip
ONLY = {
    "pixverse": ["errcode:400017", "errcode:500044:2", "errcode:500063", "errcode:500069:1", "errcode_after_accept:500100", "status_seq:10:9:5:7", "status_seq:10,9,5,8",
                 "early_url", "wrong_dims", "no_url"],
    "fal": ["errcode:422"],
    "comfyui": ["errcode:400"],
}  # fmt: skip
SLOW = ["endless", "slow_loris"]


def orders(count: int, world_id: int, providers: list[str], slow: bool) -> list[dict[str, Any]]:
    """`count` different orders, going through every fault of every provider."""
    kinds = [(provider, fault) for provider in providers for fault in [*FAULTS, *ONLY.get(provider, []), *(SLOW if slow else [])]]
    made = []
    for number in range(count):
        provider, fault = kinds[number % len(kinds)]
        prompt = f"number {number}" + (f" [fake:{fault}]" if fault else "")
        operation = "text_to_image" if provider == "comfyui" else "text_to_video"
        order = {"operation_type": operation, "provider_id": provider, "world_id": world_id, "workspace_id": number + 1}
        made.append(
            {**order, "inputs": {"prompt": prompt} | ({} if provider == "comfyui" else {"duration_sec": 5}), "canonical_params": BOUGHT[provider]}
        )
    return made


def set_up(url: str, providers: list[str], facts: Path) -> None:
    """The tables, an author with a world and two accounts at each provider."""
    from django.core.management import call_command
    from knox.models import AuthToken

    from generation import accounts, briefs, budget
    from generation.providers import registry
    from pixsim.models import User
    from worlds.services import create_world

    call_command("migrate", verbosity=0, interactive=False)
    author = User.objects.create_user("torture", is_staff=True)
    world = create_world(owner=author, name="Torture", meta={})
    budget.set_limit(world_id=world.pk, day_limit=10**12)
    for provider in providers:
        for number in (1, 2):
            accounts.create_account(
                owner=author,
                provider_id=provider,
                key=f"good-key-{provider}-{number}",
                webhook_secret="whsec-of-the-fake",
                base_url=url,
                max_concurrent=12,
            )
    prices = {}
    for order in orders(200, world.pk, providers, False):
        request = briefs.media_request(
            operation_type=order["operation_type"], inputs=order["inputs"], params=order["canonical_params"], action_block={}
        )
        prices[order["provider_id"]] = registry.get(order["provider_id"]).price(request)
    facts.write_text(json.dumps({"world_id": world.pk, "token": AuthToken.objects.create(user=author)[1], "prices": prices}))


def open_jobs(facts: Path) -> None:
    """How many still go on by themselves, and how many a worker holds."""
    from django.utils import timezone

    from generation.models import Generation

    going = Generation.objects.exclude(status__in=Generation.FINAL).exclude(needs_attention=True).count()
    undelivered = Generation.objects.filter(status="completed", delivered_at=None).count()
    held = Generation.objects.filter(lease_until__gte=timezone.now()).count()
    facts.write_text(json.dumps({"open": going + undelivered, "held": held}))


def settle(ledger: list[dict[str, Any]], facts: Path) -> None:
    """A person reads the consoles: what was kept for an order was charged, else nothing was sent."""
    from generation import orders
    from generation.models import Generation

    kept = kept_by_order(ledger)
    waiting = Generation.objects.filter(needs_attention=True).exclude(status__in=Generation.FINAL)
    count = waiting.count()
    for job in waiting:
        orders.settle(generation=job, actor=None, outcome="charged" if kept[job.workspace_id] else "not_sent")
    facts.write_text(json.dumps({"settled": count}))


def kept_by_order(ledger: list[dict[str, Any]]) -> Counter[int | None]:
    """Charges less refunds, by the order's number, from 1."""
    found: Counter[int | None] = Counter()
    for line in ledger:
        found[line["number"] + 1] += line["milli"]
    return found


def compare(ledger: list[dict[str, Any]], count: int, facts: Path) -> None:
    """Everything that must be true at the end; what is not, in words."""
    from django.db.models import Count, Sum

    from generation.models import Asset, BudgetDay, Generation, LedgerEntry, ProviderAccount, ProviderSubmission

    jobs = {job.workspace_id: job for job in Generation.objects.all()}
    sent = list(ProviderSubmission.objects.select_related("generation"))
    wrong: list[str] = []

    orders = Counter(Generation.objects.values_list("workspace_id", flat=True))
    wrong += [f"order {number} has {orders[number]} jobs" for number in range(1, count + 1) if orders[number] != 1]
    wrong += [f"job {job.pk} has not ended: {job.status}" for job in jobs.values() if job.status not in Generation.FINAL]

    creates = Counter((line["provider"], line["number"] + 1) for line in ledger if line["kind"] == "create")
    wrong += [f"order {number} was accepted {times} times by {provider}" for (provider, number), times in creates.items() if times > 1]
    kept, ours = kept_by_order(ledger), Counter[int | None]()
    for one in sent:
        ours[one.generation.workspace_id] += (one.charged or 0) if one.money == "charged" else 0
    for number in {*kept, *ours}:
        if kept[number] != ours[number]:
            about = f"{jobs[number].status}: {jobs[number].inputs['prompt']}: {jobs[number].error}" if number in jobs else "unknown"
            wrong.append(f"order {number} cost {ours[number]} here and {kept[number]} there ({about})")

    wrong += [f"submission {one.pk} still holds money" for one in sent if one.money == "held"]
    wrong += [f"account {one.pk} has {one.in_flight} slots taken" for one in ProviderAccount.objects.exclude(in_flight=0)]
    sums: dict[tuple[str, Any], Counter[str]] = defaultdict(Counter)
    for row in LedgerEntry.objects.order_by().values("scope", "day", "kind").annotate(total=Sum("amount")):
        sums[row["scope"], row["day"]][row["kind"]] = row["total"]
    for day in BudgetDay.objects.all():
        parts = sums[day.scope, day.day]
        if day.reserved or day.spent != parts["charge"] + parts["adjust"] or parts["reserve"] != parts["charge"] + parts["release"]:
            wrong.append(f"the books of {day} do not balance: {day.reserved}, {day.spent}, {dict(parts)}")

    completed = [job for job in jobs.values() if job.status == "completed"]
    wrong += [f"job {job.pk} has no asset, or was not delivered" for job in completed if job.asset_id is None or job.delivered_at is None]
    if Asset.objects.count() != len(completed):
        wrong.append(f"{Asset.objects.count()} assets for {len(completed)} completed jobs")
    states = dict(Generation.objects.values_list("status").annotate(Count("pk")).order_by())
    spent = sum(day.spent for day in BudgetDay.objects.filter(scope__startswith="world/"))
    facts.write_text(json.dumps({"wrong": wrong, "states": states, "spent": spent, "submissions": len(sent)}))
