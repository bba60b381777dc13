"""The words of visual prompts: what values look like. English only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# -- people and places ------------------------------------------------------------------------------------------------

# Words of a voice that show in a person, in the order they are looked for in it: by place.
MANNERS: Final = _words(
    """
    gruff formal witty sarcastic warm cold gentle playful stern cheerful shy proud haughty blunt calm nervous kind sly weary cautious polite
    rude quiet loud friendly grim brisk dry soft-spoken bold timid jovial grave serious mocking cunning cheeky solemn dignified rough curt
    charming sombre somber melancholy arrogant humble wry
    """
)
# Trait: what a low and a high value look like, and where low ends and high begins. In between nothing shows.
BEARING: Final[Mapping[str, tuple[float, str, float, str]]] = {
    "openness": (0.25, "stolid", 0.85, "bright-eyed"),
    "conscientiousness": (0.25, "unkempt", 0.85, "neat"),
    "extraversion": (0.25, "withdrawn", 0.85, "lively"),
    "agreeableness": (0.25, "hard-eyed", 0.85, "kind-faced"),
    "neuroticism": (0.15, "composed", 0.7, "restless"),
}
# How somebody carries themself before the player, by affinity: up to below.
EASE: Final = ((-50, "coldly"), (0, "guardedly"), (20, "stiffly"), (45, "calmly"), (60, "casually"), (80, "comfortably"), (None, "freely"))
# Axis: what it looks like from which value on, strongest first; those of ROMANTIC only where romance may be.
BETWEEN: Final[Mapping[str, tuple[tuple[int, str], ...]]] = {
    "trust": ((80, "deep trust"), (50, "trust")),
    "distrust": ((50, "deep distrust"), (10, "distrust")),
    "chemistry": ((90, "irresistible attraction"), (70, "strong attraction"), (50, "attraction")),
    "tension": ((80, "unbearable tension"), (60, "high tension"), (30, "noticeable tension")),
    "intimacy_level": ((3, "intimacy"), (2, "closeness")),
}
ROMANTIC: Final = frozenset({"chemistry", "intimacy_level"})
ROMANTIC_MOODS: Final = _words("flirty romantic seductive sensual intimate loving amorous passionate aroused lustful")
# Mood: how one looks at the player, and the noun for it.
GAZES: Final = {
    "curious": ("eyeing you with", "curiosity"),
    "friendly": ("looking at you with", "warmth"),
    "happy": ("smiling at you with", "joy"),
    "excited": ("beaming at you with", "excitement"),
    "angry": ("glaring at you with", "anger"),
    "sad": ("looking at you with", "sorrow"),
    "anxious": ("glancing at you with", "worry"),
    "tired": ("looking at you with", "weariness"),
    "suspicious": ("eyeing you with", "suspicion"),
    "afraid": ("staring at you with", "fear"),
    "amused": ("looking at you with", "amusement"),
    "surprised": ("staring at you in", "surprise"),
    "proud": ("regarding you with", "pride"),
    "flirty": ("eyeing you with", "playful interest"),
}
USUAL_FRAMING: Final = frozenset({"medium closeup", "medium close up", "medium close-up"})
SHOTS: Final = frozenset({"wide", "medium", "full", "full body", "long", "two", "establishing", "over the shoulder", "cowboy", "bust"})
INDOORS: Final = _words(
    """
    tavern inn hall house library station warehouse temple palace bar castle tower school chapel cellar cave barracks office shop workshop
    kitchen room hospital lab laboratory museum theatre theater church monastery academy prison cabin
    """
)
ROUGH: Final = frozenset({"weathered", "scarred", "old", "thin", "slight", "slim"})
SKIN_CONDITIONS: Final = frozenset({"weathered", "scarred", "freckled", "tanned", "sunburnt", "wrinkled", "tattooed", "lined"})
BUILDS: Final = {"slim": "slim", "broad": "broad-shouldered"}
USUAL_COLOURS: Final = {"naval_coat": "navy", "cloak": "forest", "guard_armor": "red", "apron": "cream", "dress": "plum", "vest": "ochre",
                        "shirt": "cream"}  # fmt: skip
MEDIA: Final = frozenset({"art", "medium", "technique", "genre", "look", "style_prompt"})  # style rules whose value says it all
GARMENTS: Final = _words(
    "coat cloak dress shirt armor armour uniform apron vest robe hat cap hood boots gloves scarf jacket trousers skirt tunic helmet"
)
UNCOUNTED: Final = frozenset({"armor", "armour"})
# Fields of a look with a place of their own in the sentence; any other is said as a feature: "a weathered face".
PLACED: Final = frozenset(
    {"name", "presentation", "gender", "pronouns", "age", "height", "skin", "build", "clothing", "clothing_color", "headgear", "beard", "facing",
     "backdrop", "expression", "trim_color", "hair", "hair_color", "hair_style", "accessories"}
)  # fmt: skip
PRONOUNS: Final = {"feminine": "she", "female": "she", "woman": "she", "girl": "she", "she": "she", "masculine": "he", "male": "he", "man": "he",
                   "boy": "he", "he": "he"}  # fmt: skip
STRONG_FROM: Final = 65  # of the base stat strength, as the Harbor District counts: 0 to 100
YOUNG_TO, OLD_FROM = 25, 60


# -- poses --------------------------------------------------------------------------------------------------------------

# Verbs whose third person is known; any other gerund is said as "is reclining", which is never wrong.
VERBS: Final = _words(
    """
    lean sit stand walk kneel wait look stare gaze glance rest drink read write point pace run work smile grin laugh frown smoke turn step
    hide guard play dance fight wave nod shrug bow sleep eat climb whisper gesture count hold raise lift pour pull sharpen clean mend fold
    grip clutch crouch watch polish cross search reach toss shout sing count peer crawl swing steer row haul bend slouch listen count peel
    sort draw aim
    """
)
DOUBLED: Final = {"sit", "run", "nod", "shrug", "grin", "grip", "step"}
INTRANSITIVE: Final = _words(
    """
    lean sit stand walk kneel wait look stare gaze glance rest pace run work smile grin laugh frown turn step hide dance wave nod shrug bow
    sleep climb whisper gesture crouch watch listen peer crawl bend slouch lie sing row
    """
)
PREPOSITIONS: Final = _words("on at by in with behind near under over against beside into from to of through across toward towards before")
BODY: Final = _words("arms hands head back legs eyes fists feet chin hand arm fist one both")
# What follows a preposition or a verb without an article.
BARE: Final = _words(
    """
    a an the this that his her their one two both each some guard still up down tall idle alone upright back close straight away around out
    forward aside over here there silence ease thought prayer anger place front attention hips bed you top watch together quietly calmly
    """
)
