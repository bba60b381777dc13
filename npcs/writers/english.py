"""The little grammar the scripted writer needs: articles, first person, words for topics, times and places. English only."""

from __future__ import annotations

import re
from typing import Final

TOPICS: Final = {"work_opportunity": "that talk of work", "rumors": "that talk of rumors"}
DETERMINERS: Final = re.compile(r"^(a|an|the|this|that|these|those|my|your|our|his|her|their|its|what|how|why|when|where|who)\s", re.IGNORECASE)
ADVERBS: Final = frozenset(
    {"always", "never", "often", "sometimes", "rarely", "secretly", "constantly", "still", "usually", "only", "seldom", "quietly"}
)
IRREGULAR: Final = {
    "is": "am",
    "has": "have",
    "does": "do",
    "goes": "go",
    "was": "was",
    "can": "can",
    "can't": "can't",
    "cannot": "cannot",
    "won't": "won't",
    "will": "will",
}
# Last words of place names that take "the" in a sentence; others (Rome, Ashford) stand alone.
PLACE_NOUNS: Final = frozenset(
    """
    docks dock market tavern inn square gate hall harbor harbour bridge house library station gardens garden quay
    quays warehouse temple palace bar ship forest mine castle tower well bazaar yard wharf pier beach park school
    chapel cellar cellars court courtyard deck cave caves village district quarter lighthouse barracks office shop
    workshop kitchen room rooftop roofs alley ruins camp clinic lab laboratory bay plaza arena theatre theater
    museum hospital church monastery academy tunnels sewers farm mill forge crossroads cemetery graveyard stables
    """.split()  # noqa: SIM905 – a list of eighty quoted words is no easier to read
)
LEADING_PRONOUNS: Final = re.compile(r"^(he|she|they|his|her|their|the|born|grew)\b", re.IGNORECASE)
VOWEL_SOUND: Final = re.compile(r"^(?!uni|use|eu|one\b)[aeiou]|^(hour|honest|heir)", re.IGNORECASE)


def with_article(noun: str) -> str:
    """ "ship captain" → "a ship captain", "old sailor" → "an old sailor"; a noun that brings its own article keeps it."""
    noun = noun.strip()
    if re.match(r"^(a|an|the|my|our|one)\s", noun, re.IGNORECASE):
        return noun
    return f"{'an' if VOWEL_SOUND.match(noun) else 'a'} {noun}"


def lowered_start(text: str) -> str:
    """Lower-case first letter, unless the first word is an abbreviation or "I"."""
    first = text.split(" ", 1)[0]
    if first.isupper() or not text:
        return text
    return text[0].lower() + text[1:]


def raised_start(text: str) -> str:
    """Upper-case first letter, looking past an opening quotation mark."""
    for index, letter in enumerate(text):
        if letter.isalpha():
            return text[:index] + letter.upper() + text[index + 1 :]
    return text


def sentence(text: str) -> str:
    """Collapsed spaces, a capital at the start of each sentence, a full stop at the end where no mark stands."""
    text = " ".join(text.split())
    text = re.sub(r"([.!?]\s+)([a-z])", lambda match: match[1] + match[2].upper(), raised_start(text))
    return text if not text or text[-1] in ".!?…”" else text + "."


def first_person(quirk: str) -> str:
    """A quirk as its owner would say it: "always checks the weather" → "I always check the weather", "excellent liar" → "I'm an excellent liar"."""
    words = quirk.strip().rstrip(".").split()
    if not words:
        return ""
    if words[0].lower() in {"i", "i'm", "i've"}:
        return " ".join(words)
    index = 1 if words[0].lower() in ADVERBS and len(words) > 1 else 0
    verb = _bare(words[index])
    if verb is None:
        return f"I'm {with_article(lowered_start(' '.join(words)))}" if _countable(words) else f"I'm {lowered_start(' '.join(words))}"
    lead = [lowered_start(words[0])] if index else []
    return " ".join(["I", *lead, verb, *(_mine(word) for word in words[index + 1 :])])


def topic_words(topic: str) -> str:
    """A memory's topic as a noun phrase inside a sentence: "the_old_bridge" → "the old bridge", "harbor_tax" → "that talk of harbor tax"."""
    words = topic.replace("_", " ").strip()
    if topic in TOPICS:
        return TOPICS[topic]
    return lowered_start(words) if DETERMINERS.match(words) else f"that talk of {words}"


def how_long_ago(age_sec: int) -> str:
    """World time passed, in words that fit after "that was"."""
    hours = age_sec / 3600
    for limit, words in ((1, "a little while ago"), (5, "earlier"), (20, "some hours back"), (40, "yesterday"), (24 * 7, "the other day")):
        if hours < limit:
            return words
    return "a while back"


def the_place(name: str) -> str:
    """A place inside a sentence: "The Rusty Anchor Tavern" → "the Rusty Anchor Tavern", "Harbor Docks" → "the Harbor Docks", "Rome" stays."""
    words = name.split()
    if not words:
        return ""
    if words[0].lower() == "the":
        return " ".join(["the", *words[1:]])
    return f"the {name}" if words[-1].lower() in PLACE_NOUNS else name


def subject_of(label: str) -> str:
    """What an interaction is about, from its button: "Ask about the job" → "the job"; empty when the label names nothing to speak of."""
    match = re.match(
        r"^(?:ask|talk|speak|chat|inquire|enquire)(?:\s+(?:her|him|them|to\s+\w+))?\s+(?:about|for|after)\s+(.+)$",
        label.strip(),
        re.IGNORECASE,
    )
    return match[1].rstrip("?.! ") if match else ""


def asked_about(said: str) -> str:
    """What a player's words ask about, as one would name it back: "Tell me about your ship" → "my ship"; empty where nothing is named."""
    match = re.search(r"\b(?:about|of|for|regarding)\s+((?:the |your |my |that |this )?[a-z][a-z' -]{2,40}?)\s*(?:[.,;!?]|$)", said, re.IGNORECASE)
    if match is None:
        return ""
    words = match[1].lower().split()
    if len(words) > 4 or words[-1] in {"it", "you", "me", "this", "that", "the", "course", "now", "us", "them"}:
        return ""
    swapped = {"your": "my", "my": "your"}
    return " ".join(swapped.get(word, word) for word in words)


def quotable(background: str) -> str:
    """A background short enough to be quoted as what people say of one, else nothing."""
    text = background.strip().rstrip(".")
    if not text or len(text.split()) > 9 or "." in text or LEADING_PRONOUNS.match(text):
        return ""
    return text


def _bare(verb: str) -> str | None:
    """The first-person form of a third-person verb, None for a word that does not look like one."""
    lowered = verb.lower()
    if lowered in IRREGULAR:
        return IRREGULAR[lowered]
    if not lowered.endswith("s") or lowered.endswith(("ss", "us", "ous", "is")) or len(lowered) < 4:
        return None
    if lowered.endswith("ies"):
        return lowered[:-3] + "y"
    if lowered.endswith(("sses", "shes", "ches", "xes", "zzes", "oes")):
        return lowered[:-2]
    return lowered[:-1]


def _countable(words: list[str]) -> bool:
    last = words[-1].lower()
    agent = last.endswith(
        ("er", "or", "ar", "ist", "ian", "man", "woman", "addict", "fan", "cook", "gossip", "optimist", "eater", "drunk", "coward", "snob")
    )
    return agent and not last.endswith(("clever", "sober", "peculiar", "familiar", "eager", "bitter"))


def _mine(word: str) -> str:
    return {"her": "my", "his": "my", "their": "my", "herself": "myself", "himself": "myself", "themselves": "myself"}.get(word.lower(), word)
