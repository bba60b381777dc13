"""Sections of rules: what holds for every line, under this rating, and how the answer is given. Pure."""

from __future__ import annotations

from npcs.prompts.answer import LABEL_LENGTH, MAX_CHOICES, REPLY_LENGTH
from npcs.prompts.dialogue_words import MINOR, RATINGS, RULES
from npcs.prompts.drafting import Draft, Line, bullet
from npcs.prompts.phrases import Phrase
from npcs.writers.request import WriterRequest


def rules(request: WriterRequest) -> Draft:
    lines = [_rule(words, f"rule.{name}") for name, words in RULES.items()]
    if request.last_lines:
        lines.append(_rule("Do not say again what you said before.", "rule.freshness"))
    if request.wind_down:
        lines.append(_rule("The talk is coming to its end: bring it to a natural close.", "rule.wind_down"))
    elif request.turns and request.max_turns:
        lines.append(_rule(f"This is exchange {request.turns + 1} of at most {request.max_turns}.", "rule.max_turns", worth=30))
    return Draft("rules", "Rules", tuple(lines))


def rating(request: WriterRequest) -> Draft:
    lines = [_rule(RATINGS.get(request.rating, RATINGS["sfw"]), "rule.content_rating")]
    if request.is_minor:
        lines.append(_rule(MINOR, "npc.is_minor"))
    return Draft("rating", "What may be said", tuple(lines))


def output(request: WriterRequest) -> Draft:
    """The schema in words, for servers that do not enforce it, and what a schema cannot say."""
    lines = [
        _rule("Answer with one JSON object and nothing else.", "rule.output"),
        _rule(f"reply: your line, at most {REPLY_LENGTH} characters. emotion: the one of {_names(request.emotions)} it shows.", "rule.output"),
        _rule(
            f"choices: at most {MAX_CHOICES} things the player could say next, each with a label of at most {LABEL_LENGTH} characters and a tone; an "
            f"empty list where the talk ends.",
            "rule.output",
        ),
        _rule("memory: topic, summary and importance (1–10) of what is worth remembering, else null.", "rule.output"),
    ]  # fmt: skip
    if request.axes or request.flags:
        limit = request.limits
        may = [f"change {_names(request.axes)} by whole numbers from −{limit.per_turn:g} to +{limit.per_turn:g}"] if request.axes else []
        may += [f"set the flags {_names(request.flags)}"] if request.flags else []
        words = f"effects: what an exchange does to you. It may {' and '.join(may)}, and nothing else; most do nothing. More is cut off."
        lines.append(_rule(words, "rule.dialogue_limits"))
    return Draft("output schema", "Your answer", tuple(lines))


def _rule(words: str, source: str, worth: int = 100) -> Line:
    return bullet(Phrase(words, (source,)), worth=worth, name=source)


def _names(values: tuple[str, ...]) -> str:
    return ", ".join(values) if values else "neutral"
