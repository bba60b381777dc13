"""`python -m tests.fake_providers [--port 8899] [--ledger FILE]`"""

from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn

from tests.serving import configuration

from .app import App

parser = argparse.ArgumentParser(prog="fake_providers", description="Pixverse, fal and ComfyUI on this machine, for trying and testing.")
parser.add_argument("--port", type=int, default=8899)
parser.add_argument("--ledger", type=Path, default=Path("var/fake-providers/ledger.jsonl"))
options = parser.parse_args()

app = App(options.ledger)
app.state.config.tiny_files = False
app.state.config.queue_sec, app.state.config.work_sec = 3, 12
print(f"Pixverse, fal and ComfyUI, none of them real, on http://127.0.0.1:{options.port} – Ctrl-C stops them.")
print(f"Start PixSim with PROVIDER_LOCAL_HOSTS=127.0.0.1:{options.port} and give an account this address as its base URL; any key will do.")
print(f"Every charge is a line in {options.ledger}. Faults and the clock: tests/fake_providers/__init__.py")
uvicorn.Server(configuration(app, host="127.0.0.1", port=options.port)).run()
