"""ComfyUI in one's own network. The job's id is ours (`prompt_id` = trace id), so a lost answer is looked up exactly and sending again is harmless.

A graph can name nodes that are code, so it never comes from an author: the administrator puts workflow templates into a folder
(`COMFYUI_WORKFLOWS`), each a JSON file with the graph in API format, what it can do, and typed slots – which inputs of which nodes take the prompt,
the seed, the size, the number of frames, a picture. Hosts must be named in `PROVIDER_LOCAL_HOSTS`.
"""

from __future__ import annotations

import copy
import datetime
import json
import logging
import uuid
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings

from pixsim.lib.errors import FieldError

from . import transport
from .base import (
    Account,
    Ambiguous,
    Balance,
    Catalogue,
    Found,
    Hint,
    JobRef,
    JobState,
    Json,
    Lookup,
    MediaRequest,
    Model,
    Operation,
    Refused,
    RemoteFile,
    Source,
    Status,
    Submitted,
    Trouble,
    Unavailable,
)
from .transport import kept, refusal
from .validation import LAST, frames, general_problems
from .wording import worded

log = logging.getLogger(__name__)

BASE = "http://127.0.0.1:8188"
CLIENT = "pixsim"
SLOTS = {"prompt": str, "negative_prompt": str, "seed": int, "width": int, "height": int, "frames": int, "first_frame": str, "last_frame": str}
DEFAULT_SIZE = (1024, 576)
KINDS = ("videos", "gifs", "images")  # where nodes put what they made; SaveVideo says images


class BadTemplate(Exception):
    """A workflow template that cannot be used; its text names file and fault."""


class ComfyUI:
    id = "comfyui"
    title = "ComfyUI"
    local = False
    cancellable = True
    idempotent = True

    @property
    def catalogue(self) -> Catalogue:
        return _catalogue(str(settings.COMFYUI_WORKFLOWS))

    # -- before the click

    def problems(self, request: MediaRequest) -> list[FieldError]:
        model, found = general_problems(self.catalogue, request)
        if model is None:
            return found
        found += frames(request, model.title)
        if request.frames[1] is not None and "last_frame" not in _template(model.id)["slots"]:
            found.append(FieldError(LAST, "unsupported", f"{model.title} takes no last picture."))
        return found

    def price(self, request: MediaRequest) -> int:
        return 0

    # -- sending

    def upload(self, account: Account, source: Source) -> str:
        if source.path is None:
            raise Unavailable("The picture has no file to upload.")
        with source.path.open("rb") as opened:  # the same picture has the same name there and is stored once
            file = (f"pixsim-{source.sha256[:32]}.{source.mime.rpartition('/')[2]}", opened, source.mime)
            answer = transport.ask(
                "POST", _url(account, "upload/image"), headers=_headers(account), files={"image": file}, form={"type": "input", "overwrite": "true"},
                seconds=transport.UPLOAD_SEC, hosts=_hosts(),
            )  # fmt: skip
        found = answer.data if isinstance(answer.data, dict) else {}
        if not answer.ok or not isinstance(found.get("name"), str):
            raise refusal(answer, f"ComfyUI did not take the picture: {_said(found)}", key=account.key, trouble=Trouble.BAD_MEDIA)
        folder = found.get("subfolder")
        return f"{folder}/{found['name']}" if folder else str(found["name"])

    def body(self, request: MediaRequest) -> Json:
        """The template's graph with its slots filled. `prompt_id` is added when it is sent."""
        model = self.catalogue.model(request.params.get("model"))
        if model is None:
            raise ValueError("there is no such workflow")
        template = _template(model.id)
        graph = copy.deepcopy(template["graph"])
        for name, value in _values(template, model, request).items():
            for node, field in template["slots"].get(name, []):
                graph[node]["inputs"][field] = SLOTS[name](value)
        for name, one in template.get("params", {}).items():
            if request.params.get(name) is not None:
                for node, field in one["at"]:
                    graph[node]["inputs"][field] = request.params[name]
        for which, frame in zip(("first_frame", "last_frame"), request.frames, strict=True):
            if frame is None:
                _remove(graph, template.get(f"without_{which}", {}).get("remove", []))
        return {"prompt": graph, "client_id": CLIENT}

    def submit(self, account: Account, body: Mapping[str, Any], trace_id: uuid.UUID) -> Submitted:
        sent = {**body, "prompt_id": str(trace_id)}
        answer = transport.create(_url(account, "prompt"), body=sent, headers=_headers(account), hosts=_hosts())
        found = answer.data if isinstance(answer.data, dict) else {}
        if not answer.ok:
            raise refusal(answer, f"ComfyUI: {_said(found)}", key=account.key)
        if found.get("prompt_id") != str(trace_id):
            raise Ambiguous("ComfyUI answered with another id than ours.", raw=kept(found, account.key))
        return Submitted(provider_job_id=str(trace_id), raw=kept(found, account.key), charged=0)

    # -- asking

    def poll(self, account: Account, job: JobRef) -> Status:
        found = self._look(account, job.provider_job_id)
        if found is None:
            raise Refused("ComfyUI does not know this job; was it restarted?", trouble=Trouble.NOT_FOUND)
        return found

    def _look(self, account: Account, job_id: str) -> Status | None:
        """History, then the queue, then history again: it may have ended between the two. None: in neither."""
        done = self._history(account, job_id)
        if done is not None:
            return done
        queue = self._get(account, "queue")
        for entry in queue.get("queue_running", []):
            if _id_of(entry) == job_id:
                return Status(state=JobState.GENERATING)
        waiting = sorted((entry for entry in queue.get("queue_pending", []) if isinstance(entry, list) and entry), key=lambda entry: entry[0])
        for position, entry in enumerate(waiting, 1):
            if _id_of(entry) == job_id:
                return Status(state=JobState.QUEUED, queue_position=position)
        return self._history(account, job_id)

    def _history(self, account: Account, job_id: str) -> Status | None:
        entry = self._get(account, f"history/{quote(job_id, safe='')}").get(job_id)
        if not isinstance(entry, dict):
            return None
        status: Json = entry.get("status") or {}
        raw = kept({"outputs": entry.get("outputs", {}), "status": status}, account.key)
        if status.get("status_str") == "error":
            return Status(state=JobState.FAILED, trouble=Trouble.FAILED, error=f"ComfyUI: {_why(status)}", refunded=True, raw=raw)
        file = _output(entry.get("outputs"))
        if file is None:
            return Status(state=JobState.FAILED, trouble=Trouble.FAILED, error="ComfyUI finished without a file.", refunded=True, raw=raw)
        url = f"{_url(account, 'view')}?{urlencode(file)}"
        return Status(state=JobState.COMPLETED, progress=1.0, charged=0, result=RemoteFile(url=url, headers=_headers(account)), raw=raw)

    def _get(self, account: Account, path: str) -> Json:
        answer = transport.ask("GET", _url(account, path), headers=_headers(account), hosts=_hosts())
        if answer.status in (401, 403):
            raise refusal(answer, "ComfyUI, or what stands before it, wants another key.", key=account.key)
        if not answer.ok or not isinstance(answer.data, dict):
            raise Unavailable(f"ComfyUI answered {answer.status}.")
        return answer.data

    def find(self, account: Account, body: Mapping[str, Any], trace_id: uuid.UUID, since: datetime.datetime) -> Found:
        job_id = str(trace_id)
        try:
            found = self._look(account, job_id)
        except Refused as error:
            raise Unavailable(error.message) from error
        if found is None:
            return Found(lookup=Lookup.NOT_FOUND)
        return Found(lookup=Lookup.FOUND, provider_job_id=job_id, raw={"prompt_id": job_id})

    def cancel(self, account: Account, job: JobRef) -> bool:
        """Out of the queue, or stopped. Only ours: an interrupt names the job, so another one's picture is not lost."""
        job_id = job.provider_job_id
        found = self._look(account, job_id)
        if found is None or found.state not in (JobState.QUEUED, JobState.GENERATING):
            return False
        for path, body in (("queue", {"delete": [job_id]}), ("interrupt", {"prompt_id": job_id})):
            if not transport.ask("POST", _url(account, path), body=body, headers=_headers(account), hosts=_hosts()).ok:
                return False
        after = self._look(account, job_id)
        return after is None or after.state is JobState.FAILED

    def balance(self, account: Account) -> Balance | None:
        return None

    def verify_webhook(self, accounts: Sequence[Account], headers: Mapping[str, str], body: bytes, now: datetime.datetime) -> Hint | None:
        return None  # it sends none

    def allowed_hosts(self, account: Account) -> frozenset[str]:
        return transport.own_host(account.base_url or BASE)


# -- templates ------------------------------------------------------------------------------------------------------------
@cache
def _templates(folder: str) -> dict[str, Json]:
    """Every usable template of a folder by id; an unusable one is logged and left out."""
    found: dict[str, Json] = {}
    for path in sorted(Path(folder).glob("*.json")):
        try:
            template = checked_template(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, BadTemplate) as error:
            log.error("The ComfyUI workflow %s cannot be used: %s", path.name, error)
            continue
        found[template["id"]] = template
    return found


def checked_template(template: Any) -> Json:
    """A template whose slots lead to inputs of its graph. Raises BadTemplate."""
    if not isinstance(template, dict):
        raise BadTemplate("it is no object")
    missing = [name for name in ("id", "title", "operations", "slots", "graph") if not template.get(name)]
    if missing:
        raise BadTemplate(f"it lacks {', '.join(missing)}")
    unknown = set(template["slots"]) - set(SLOTS)
    if unknown or "prompt" not in template["slots"]:
        raise BadTemplate(f"slots are {', '.join(SLOTS)}, and there must be a prompt")
    graph = template["graph"]
    if not isinstance(graph, dict) or not all(
        isinstance(node, dict) and "class_type" in node and isinstance(node.get("inputs"), dict) for node in graph.values()
    ):
        raise BadTemplate("the graph is not in API format (Workflow, Export (API))")
    places = [*template["slots"].values(), *(one["at"] for one in template.get("params", {}).values())]
    for node, field in (place for group in places for place in group):
        if field not in graph.get(node, {}).get("inputs", {}):
            raise BadTemplate(f"node {node} has no input {field}")
    if set(template["operations"]) - set(Operation):
        raise BadTemplate(f"operations are {', '.join(Operation)}")
    return template


def _is_node(node: Any) -> bool:
    return isinstance(node, dict) and isinstance(node.get("class_type"), str) and isinstance(node.get("inputs"), dict)


@cache
def _catalogue(folder: str) -> Catalogue:
    rows = _templates(folder)
    models = tuple(
        Model(
            id=row["id"], title=row["title"], operations=tuple(Operation(name) for name in row["operations"]),
            durations_sec=tuple(row.get("durations_sec", ())), aspect_ratios=tuple(row.get("sizes", {})), prompt_max=row.get("prompt_max", 5000),
            params={
                **{name: one["schema"] for name, one in row.get("params", {}).items()},
                **({"negative_prompt": {"type": "string", "maxLength": 5000}} if "negative_prompt" in row["slots"] else {}),
            },
        )
        for row in rows.values()
    )  # fmt: skip
    days = [datetime.date.fromisoformat(row["read_on"]) for row in rows.values() if row.get("read_on")]
    default = models[0].id if models else ""
    return Catalogue(read_on=max(days, default=datetime.date(2026, 11, 1)), source="workflow templates of this site", models=models, default=default)


def _template(model_id: str) -> Json:
    return _templates(str(settings.COMFYUI_WORKFLOWS))[model_id]


def _values(template: Json, model: Model, request: MediaRequest) -> Json:
    sizes = template.get("sizes", {})
    wide, high = sizes.get(request.params.get("aspect_ratio")) or next(iter(sizes.values()), DEFAULT_SIZE)
    seconds = float(request.duration_sec or (model.durations_sec[-1] if model.durations_sec else 0))
    first, last = request.frames
    values: Json = {
        "prompt": worded(request),
        "seed": request.params.get("seed") or 0,
        "width": wide,
        "height": high,
        "frames": _frames(template, seconds),
    }
    if request.negative_prompt:
        values["negative_prompt"] = request.negative_prompt
    return values | {name: frame.reference for name, frame in (("first_frame", first), ("last_frame", last)) if frame is not None}


def _frames(template: Json, seconds: float) -> int:
    """How many pictures a length takes; video models want a multiple of a step, and one more."""
    step = int(template.get("frames_step", 1))
    return round(seconds * float(template.get("fps", 24)) / step) * step + (1 if step > 1 else 0)


def _remove(graph: Json, nodes: Sequence[str]) -> None:
    """Take nodes out of a graph, with the links to them."""
    for node in nodes:
        graph.pop(node, None)
    for node in graph.values():
        links = [name for name, value in node["inputs"].items() if isinstance(value, list) and value and value[0] in nodes]
        for name in links:
            del node["inputs"][name]


# -- answers --------------------------------------------------------------------------------------------------------------
def _url(account: Account, path: str) -> str:
    return f"{(account.base_url or BASE).rstrip('/')}/{path}"


def _headers(account: Account) -> dict[str, str]:
    """ComfyUI has no keys; what stands before it may want one."""
    return {"Authorization": f"Bearer {account.key}"} if account.key else {}


def _hosts() -> frozenset[str]:
    return frozenset(settings.PROVIDER_LOCAL_HOSTS)


def _id_of(entry: Any) -> str:
    return str(entry[1]) if isinstance(entry, list) and len(entry) > 1 else ""


def _said(found: Mapping[str, Any]) -> str:
    error = found.get("error")
    nodes = [
        str(one.get("details") or one.get("message"))
        for node in (found.get("node_errors") or {}).values()
        for one in (node.get("errors", []) if isinstance(node, dict) else [])
        if isinstance(one, dict)
    ]
    first = error.get("message") if isinstance(error, dict) else error
    return "; ".join([str(first or "it refused the workflow"), *nodes[:3]])


def _why(status: Mapping[str, Any]) -> str:
    for kind, told in (message for message in status.get("messages", []) if isinstance(message, list) and len(message) == 2):
        if kind == "execution_error" and isinstance(told, dict):
            return str(told.get("exception_message", "a node failed")).strip()[: transport.SHOWN]
        if kind == "execution_interrupted":
            return "it was stopped there."
    return "it failed."


def _output(outputs: Any) -> dict[str, str] | None:
    """The first finished file, clips before pictures; previews do not count."""
    groups = [node for node in outputs.values() if isinstance(node, dict)] if isinstance(outputs, dict) else []
    for kind in KINDS:
        for file in (one for node in groups for one in node.get(kind, []) if isinstance(one, dict)):
            if file.get("filename") and file.get("type") == "output":
                return {name: str(file.get(name, "")) for name in ("filename", "subfolder", "type")}
    return None
