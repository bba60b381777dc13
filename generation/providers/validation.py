"""What every provider would refuse, told by its catalogue, with pointers into the POST."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from pixsim.lib.errors import FieldError

from .base import Catalogue, MediaRequest, Model, Operation
from .wording import worded

STANDARD = frozenset({"model", "seed", "aspect_ratio", "quality"})
"""Parameters every form sends; a model without qualities or ratios ignores them."""
FIRST, LAST = "/inputs/first_frame_asset_id", "/inputs/last_frame_asset_id"
IMAGES = (Operation.TEXT_TO_IMAGE,)


def pointer(name: str) -> str:
    return "/canonical_params/" + name.replace("~", "~0").replace("/", "~1")


def general_problems(
    catalogue: Catalogue, request: MediaRequest, *, also: Collection[str] = (), quality: Callable[[Any], Any] = lambda said: said
) -> tuple[Model | None, list[FieldError]]:
    """The model meant, and everything its row of the catalogue forbids. `also`: parameters the provider checks itself; `quality` translates."""
    model = catalogue.model(_text(request.params.get("model")))
    if model is None:
        names = ", ".join(one.id for one in catalogue.models) or "none"
        return None, [FieldError(pointer("model"), "unknown", f"There is no model {request.params.get('model')!r}; there are {names}.")]
    found: list[FieldError] = []
    if request.operation not in model.operations:
        can = ", ".join(model.operations)
        found.append(FieldError("/operation_type", "unsupported", f"{model.title} cannot do {request.operation}; it can do {can}."))
    found += _prompt(model, request)
    if model.durations_sec and request.operation not in IMAGES and request.duration_sec is not None:
        found += _among("/inputs/duration_sec", "seconds", request.duration_sec, model.durations_sec, model.title)
    if model.qualities and request.params.get("quality") is not None:
        found += _among(pointer("quality"), "quality", quality(request.params["quality"]), model.qualities, model.title)
    if model.aspect_ratios and request.params.get("aspect_ratio") is not None and request.frames == (None, None):
        found += _among(pointer("aspect_ratio"), "aspect ratio", request.params["aspect_ratio"], model.aspect_ratios, model.title)
    return model, found + _params(model, request.params, STANDARD | set(also))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _prompt(model: Model, request: MediaRequest) -> list[FieldError]:
    text = worded(request)
    if not request.prompt.strip():
        return [FieldError("/inputs/prompt", "required", "Say in words what is to be made.")]
    if len(text) > model.prompt_max:
        said = f"With its style the prompt has {len(text)} characters; {model.title} takes {model.prompt_max}."
        return [FieldError("/inputs/prompt", "too_long", said)]
    negative = model.params.get("negative_prompt")
    if request.negative_prompt and negative is None:
        return [FieldError("/inputs/negative_prompt", "unsupported", f"{model.title} takes no negative prompt.")]
    if negative is not None and len(request.negative_prompt) > negative.get("maxLength", 2048):
        return [FieldError("/inputs/negative_prompt", "too_long", f"{model.title} takes {negative.get('maxLength', 2048)} characters.")]
    return []


def _among(where: str, what: str, value: Any, choices: Collection[Any], title: str) -> list[FieldError]:
    if not isinstance(value, bool) and value in choices:
        return []
    can = ", ".join(f"{one:g}" if isinstance(one, int | float) else str(one) for one in choices)
    return [FieldError(where, "choice", f"{title} takes as {what}: {can}.")]


def _params(model: Model, params: Mapping[str, Any], standard: Collection[str]) -> list[FieldError]:
    found = []
    for name, value in params.items():
        schema = model.params.get(name)
        if value is None or name == "negative_prompt":
            continue
        if schema is not None:
            broken = next(Draft202012Validator(schema).iter_errors(value), None)
            if broken is not None:
                found.append(FieldError(pointer(name), "invalid", f"{schema.get('title', name)}: {broken.message[:200]}."))
        elif name not in standard:
            found.append(FieldError(pointer(name), "unknown", f"{model.title} has no parameter {name!r}."))
        elif name == "seed" and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            found.append(FieldError(pointer(name), "invalid", "A seed is a whole number from 0."))
    return found


def no_frames(request: MediaRequest, title: str) -> list[FieldError]:
    """For a provider that cannot start from a picture."""
    pairs = zip((FIRST, LAST), request.frames, strict=True)
    return [FieldError(where, "unsupported", f"{title} cannot start from a picture.") for where, frame in pairs if frame is not None]


def frames(request: MediaRequest, title: str) -> list[FieldError]:
    """A clip from one picture needs the first, a last one needs a first, and both are pictures."""
    first, last = request.frames
    found = []
    if request.operation is Operation.IMAGE_TO_VIDEO and first is None:
        found.append(FieldError(FIRST, "required", "Choose the picture it begins with."))
    elif first is None and last is not None:
        found.append(FieldError(FIRST, "required", f"{title} needs a first picture for a last one."))
    if request.operation is Operation.TEXT_TO_VIDEO and (first is not None or last is not None):
        found.append(FieldError("/operation_type", "unsupported", "text_to_video takes no pictures; use image_to_video or video_transition."))
    for where, frame in zip((FIRST, LAST), request.frames, strict=True):
        if frame is not None and frame.media_type != "image":
            found.append(FieldError(where, "media_type", "A frame is a picture."))
    return found
