"""A server that speaks as OpenAI-compatible model servers do, and misbehaves on request. For tests, and for people without a model.

`python -m tests.fake_models --port 8898` starts it by hand (`make fake-models`); the fixture `fake_models` starts it for a test. It answers
`POST /v1/chat/completions`, streamed or not, and `GET /v1/models`. What it says is made from the JSON schema it was given: well-formed, in
character with nobody, and the same for the same request.

**Models** differ in what they can do:

    fake         answers in the JSON schema it is given
    fake-json    knows `json_object`, refuses `json_schema`
    fake-text    refuses every `response_format`
    fake-deaf    takes every `response_format` and answers in prose all the same
    fake-old     as fake-json, knows only `max_tokens`, no `stream_options`, counts no tokens

**Modes** are a suffix of the model (`fake:html`), words in what the player says (`[fake:html]`), or set from outside for the next answers
(`POST /_control/modes {"mode": "429:1", "times": 2}`). They are listed in `modes.py`; `hostile` goes through all that is wrong with content, another
one each time. `POST /_control/answers [{…}, "text"]` are said next, as they are.

**Requests** are kept: `GET /_control/requests` has each body with the key it came with, so a test can read the prompt that was sent.
"""

from .runner import FakeModels

__all__ = ["FakeModels"]
