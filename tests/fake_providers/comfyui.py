"""ComfyUI's server: the caller names the job, so asking again is exact."""

from __future__ import annotations

from typing import Any

from tests.serving.web import Answer, Request

from .creating import Create, text_of
from .state import Job, State, new_uuid


class ComfyUI:
    PATHS = ("/prompt", "/history", "/queue", "/view", "/upload/image", "/interrupt", "/system_stats")

    def __init__(self, state: State) -> None:
        self.state = state

    def takes(self, path: str) -> bool:
        return any(path == known or path.startswith(known + "/") for known in self.PATHS)

    async def answer(self, request: Request) -> Answer:
        path, post = request.path, request.method == "POST"
        if path == "/prompt" and post:
            return await self.create(request)
        if path.startswith("/history/"):
            return self.history(path.rpartition("/")[2])
        if path == "/queue":
            return self.unqueue(request.json()) if post else self.queue()
        if path == "/interrupt" and post:
            return self.interrupt(request.json())
        if path == "/upload/image" and post:
            return self.upload(request)
        if path == "/system_stats":
            return Answer(200, {"system": {"comfyui_version": "0.4.0", "os": "posix"}, "devices": []})
        return Answer(404, b"404: Not Found", {"Content-Type": "text/plain"})

    def jobs(self, phase: str) -> list[Job]:
        return [job for job in self.state.jobs.values() if job.provider == "comfyui" and self.state.phase(job) == phase]

    async def create(self, request: Request) -> Answer:
        body = request.json()
        graph = body.get("prompt") if isinstance(body, dict) else None
        if not isinstance(graph, dict) or not graph:
            return self.refuse("no_prompt", "No prompt provided")
        trace = str(body.get("prompt_id") or new_uuid())
        create = Create(self.state, request, "comfyui", text_of(graph), trace)
        early = await create.before()
        if early:
            return early
        if create.refused():
            return self.refuse("prompt_outputs_failed_validation", "Prompt outputs failed validation")
        if not all(isinstance(node, dict) and isinstance(node.get("class_type"), str) for node in graph.values()):
            return self.refuse("invalid_prompt", "Cannot execute because a node is missing the class_type property.")
        saves = [
            node["class_type"] for node in graph.values() if node["class_type"] in ("SaveVideo", "SaveImage", "VHS_VideoCombine", "SaveAnimatedWEBP")
        ]
        if not saves:
            return self.refuse("prompt_no_outputs", "Prompt has no outputs")
        job = self.state.accept(
            "comfyui", job_id=trace, trace_id=trace, key="", body=body, prompt=create.prompt, faults=create.faults, milli=0,
            kind="image" if saves[0] == "SaveImage" else "video",
        )  # fmt: skip
        return await create.after(job, Answer(200, {"prompt_id": trace, "number": job.number, "node_errors": {}}), lambda code: Answer(500, b"500"))

    def refuse(self, kind: str, message: str) -> Answer:
        return Answer(400, {"error": {"type": kind, "message": message, "details": message, "extra_info": {}}, "node_errors": {}})

    def entry(self, job: Job) -> list[Any]:
        return [job.number, job.id, job.body["prompt"], job.body.get("extra_data", {}), ["9"]]

    def queue(self) -> Answer:
        return Answer(
            200,
            {"queue_running": [self.entry(job) for job in self.jobs("working")], "queue_pending": [self.entry(job) for job in self.jobs("queued")]},
        )

    def history(self, job_id: str) -> Answer:
        job = self.state.job("comfyui", job_id)
        if job is None:
            return Answer(200, {})
        job.polls += 1
        if job.polls <= int(job.faults.get("poll_500", ["0"])[0]):
            return Answer(500, b"500 Internal Server Error\n\nServer got itself in trouble", {"Content-Type": "text/plain"})
        phase = self.state.phase(job)
        if phase in ("queued", "working"):
            return Answer(200, {})
        status: dict[str, Any] = {"status_str": "success", "completed": True, "messages": [["execution_start", {"prompt_id": job.id}]]}
        outputs: dict[str, Any] = {}
        if phase == "cancelled":
            status |= {"status_str": "error", "completed": False}
            status["messages"].append(["execution_interrupted", {"prompt_id": job.id, "node_id": "3"}])
        elif phase != "completed":
            status |= {"status_str": "error", "completed": False}
            status["messages"].append(["execution_error", {"prompt_id": job.id, "node_id": "3", "exception_message": "CUDA out of memory"}])
        elif "no_url" not in job.faults:
            found = {"filename": job.name, "subfolder": "", "type": "output"}
            classes = {node["class_type"] for node in job.body["prompt"].values()}
            outputs = {"9": {"gifs": [found]}} if "VHS_VideoCombine" in classes else {"9": {"images": [found], "animated": [job.kind == "video"]}}
        return Answer(200, {job.id: {"prompt": self.entry(job), "outputs": outputs, "status": status, "meta": {}}})

    def unqueue(self, body: Any) -> Answer:
        for job in self.jobs("queued"):
            if job.id in (body or {}).get("delete", []):
                del self.state.jobs[f"comfyui/{job.id}"]
        return Answer(200, b"")

    def interrupt(self, body: Any) -> Answer:
        wanted = (body or {}).get("prompt_id")
        for job in self.jobs("working"):
            if wanted in (None, job.id):
                job.cancelled = True
        return Answer(200, b"")

    def upload(self, request: Request) -> Answer:
        if b'name="image"' not in request.body:
            return Answer(400, b"")
        self.state.next_id += 1
        name = f"upload-{self.state.next_id}.png"
        self.state.uploads[name] = {"bytes": len(request.body)}
        return Answer(200, {"name": name, "subfolder": "", "type": "input"})
