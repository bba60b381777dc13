"""`python -m tests.fake_models [--port 8898]`"""

from __future__ import annotations

import argparse

import uvicorn

from tests.serving import configuration

from .app import App

parser = argparse.ArgumentParser(prog="fake_models", description="An OpenAI-compatible server without a model, for trying and testing.")
parser.add_argument("--port", type=int, default=8898)
options = parser.parse_args()

app = App()
app.word_sec = 0.05
print(f"Models that are none, on http://127.0.0.1:{options.port}/v1 – Ctrl-C stops them.")
print(f"Start PixSim with OPENAI_BASE_URL=http://127.0.0.1:{options.port}/v1 OPENAI_MODEL=fake and talk to somebody.")
print("Other models, and what they can be made to do wrong: tests/fake_models/__init__.py")
uvicorn.Server(configuration(app, host="127.0.0.1", port=options.port)).run()
