"""The usual topics of the demo: how popular each one is at a time, and those that are a habit."""

from itertools import accumulate
from math import pi, sin
from random import Random
from typing import NamedTuple

from ingest.sources.demo.phrasebook import LANGUAGES, SHARED_TOPICS, Language

#: The topics have the same order of popularity in all runs, because Rising remembers it for a day.
_ORDER_SEED = 854
#: The weight of a rank is (rank + _ZIPF_OFFSET)**-_ZIPF_EXPONENT (Zipf's law as Mandelbrot extended it).
_ZIPF_OFFSET, _ZIPF_EXPONENT = 3, 1.05
#: Fraction of posts about shared topics.
_SHARED = 0.15
#: The weight of a topic rises and falls by this part, in a time between these (seconds). Rising calls that usual.
_WAVE, _WAVE_SECONDS = 0.3, (150.0, 500.0)
#: Topics of few people, with this part of the posts each: some ten in five minutes. They may have an event.
NICHE_SHARE = 0.0008
NICHES = {
    "en": ("Beekeeping", "Lighthouses", "Origami"),
    "es": ("Ajedrez", "Faros"),
    "pt-BR": ("Xadrez", "Cerâmica"),
    "de": ("Bienenzucht", "Leuchttürme"),
    "fr": ("Apiculture", "Échecs"),
    "ja": ("折り紙", "灯台"),
}

#: These topics come in each minute, most of their posts in a few seconds: the morning goes round the world. The number
#: is the second of the minute in which it begins. They are habits: a viewer notices them, Rising does not list them.
MORNINGS = {
    "おはよう": 0,
    "좋은아침": 7,
    "ДоброеУтро": 14,
    "صباح_الخير": 21,
    "Feierabend": 28,
    "CaféDuMatin": 34,
    "BuenosDías": 40,
    "BomDia": 46,
    "GoodMorning": 53,
}
_MINUTE, _MORNING_SECONDS = 60.0, 10.0
#: Part of the posts of a morning topic that come in its seconds.
_IN_MORNING = 0.8


class Topic(NamedTuple):
    """A topic: its language (None: it is shared by all), its spellings, and its part of all posts, on average."""

    language: Language | None
    spellings: tuple[str, ...]
    share: float


def topics() -> tuple[Topic, ...]:
    """Return all topics. Most follow Zipf's law, scaled to the parts of the languages and the shared topics."""
    found = [
        *((language, spellings) for language in LANGUAGES for spellings in language.topics),
        *((None, spellings) for spellings in SHARED_TOPICS),
    ]
    ranks = list(range(1, len(found) + 1))
    Random(_ORDER_SEED).shuffle(ranks)  # noqa: S311 - no secret
    weights = [(rank + _ZIPF_OFFSET) ** -_ZIPF_EXPONENT for rank in ranks]
    of_home: dict[Language | None, float] = {}
    for (home, _), weight in zip(found, weights, strict=True):
        of_home[home] = of_home.get(home, 0.0) + weight
    niches = [Topic(language, (name,), NICHE_SHARE) for language in LANGUAGES for name in NICHES.get(language.code, ())]
    scaled = [
        Topic(home, spellings, weight * (_SHARED if home is None else (1 - _SHARED) * home.share) / of_home[home])
        for (home, spellings), weight in zip(found, weights, strict=True)
    ]
    return (*scaled, *niches)


TOPICS = topics()
_waves = Random(_ORDER_SEED)  # noqa: S311 - no secret
_WAVES = [(_waves.uniform(*_WAVE_SECONDS), _waves.random()) for _ in TOPICS]
_BEGINS = [MORNINGS.get(topic.spellings[0]) for topic in TOPICS]


def cumulated_weights(seconds: float) -> list[float]:
    """Return the weights of the topics, each with those of all topics before it; `seconds` since 1970.

    The time of day decides, not the time since the start, so that habits go on after a restart.
    """
    return list(accumulate(map(_weight, TOPICS, _WAVES, _BEGINS, [seconds] * len(TOPICS))))


def _weight(topic: Topic, wave: tuple[float, float], morning: int | None, seconds: float) -> float:
    if morning is not None:
        in_morning = (seconds - morning) % _MINUTE < _MORNING_SECONDS
        rest = _MINUTE - _MORNING_SECONDS
        return topic.share * _MINUTE * (_IN_MORNING / _MORNING_SECONDS if in_morning else (1 - _IN_MORNING) / rest)
    length, phase = wave
    return topic.share * (1 + _WAVE * sin(2 * pi * (seconds / length + phase)))
