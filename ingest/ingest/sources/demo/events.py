"""What happens in the demo beside its usual topics: true rises, and posts that only look like one."""

from collections.abc import Iterator
from math import exp
from random import Random
from typing import Literal, NamedTuple

from ingest.sources.demo.people import People
from ingest.sources.demo.phrasebook import LANGUAGES, Language
from ingest.sources.demo.topics import NICHE_SHARE, TOPICS
from ingest.sources.demo.wording import LATIN, any_of, compose

#: `new`: a new tag. `known`: a topic of few people. `pair`: two tags in each post. `language`: a tag in one language.
#: `bot`: few accounts with very many posts. `copies`: hundreds of accounts with one text. `chat`: a group that talks.
Kind = Literal["new", "known", "pair", "language", "bot", "copies", "chat"]


class Shape(NamedTuple):
    """The course of an event: it rises to `peak` (a part of all usual posts), stays there, and fades."""

    peak: float
    rise_seconds: float
    hold_seconds: float
    fade_seconds: float


SHAPES: dict[Kind, Shape] = {
    "new": Shape(0.09, 10, 70, 40),
    "known": Shape(0.07, 10, 80, 40),
    "pair": Shape(0.08, 10, 70, 40),
    "language": Shape(0.06, 10, 70, 40),
    "bot": Shape(0.03, 1, 180, 5),
    "copies": Shape(0.08, 5, 90, 20),
    "chat": Shape(0.02, 1, 150, 10),
}
#: What happens in the first five minutes, and when: a newcomer sees each kind, and the first one soon.
OPENING: tuple[tuple[float, Kind], ...] = (
    (2.0, "new"),
    (18.0, "bot"),
    (75.0, "copies"),
    (105.0, "language"),
    (155.0, "chat"),
    (190.0, "known"),
    (250.0, "pair"),
)
#: After that each kind comes once in this time, in random order. Events begin this long after each other, at least.
ROUND_SECONDS, BETWEEN_SECONDS = 420.0, 40.0
#: An event is over when less than this part of its peak is left.
_OVER = 0.02
#: Accounts of the kinds that are not people.
_ACCOUNTS: dict[Kind, int] = {"bot": 3, "copies": 400, "chat": 7}
#: Part of the posts of an event that are in the language of its tag.
_OWN_LANGUAGE = 0.7
#: The tags of each kind, with a made-up place: what happens there is made up, too.
_TAGS: dict[Kind, tuple[tuple[str, ...], ...]] = {
    "new": (("MeteorOver{0}",), ("SnowIn{0}",), ("{0}Fireworks",), ("WhaleAt{0}",), ("RainbowOver{0}",)),
    "pair": (("{0}Final", "Go{0}"), ("{0}Festival", "LiveIn{0}"), ("{0}Marathon", "Run{0}")),
    "bot": (("{0}Casino",), ("{0}Coins",), ("{0}Deals",)),
    "copies": (("Save{0}",), ("NotIn{0}",), ("{0}Now",)),
    "chat": (("{0}Quiz",), ("{0}Riddle",)),
}
_TAGS_OF_LANGUAGE = {
    "es": ("NieveEn{0}", "ApagónEn{0}", "Viva{0}"),
    "pt-BR": ("ChuvaEm{0}", "FestaEm{0}", "Viva{0}"),
    "de": ("SchneeIn{0}", "StauIn{0}", "NachtIn{0}"),
    "fr": ("NeigeÀ{0}", "FêteÀ{0}", "NuitÀ{0}"),
}
_CAMPAIGN = "Please share this with everybody you know before it is too late #{a}"
_BY_CODE = {language.code: language for language in LANGUAGES}


class Event(NamedTuple):
    """One event.

    Attributes:
        kind: What it is.
        begin: When it begins, in seconds since the start.
        tags: Its hashtags, as they are written. Each post has all of them.
        language: The language of its tags.

    """

    kind: Kind
    begin: float
    tags: tuple[str, ...]
    language: Language

    def weight(self, seconds: float) -> float:
        """Return its posts at a time, as a part of all usual posts."""
        shape, age = SHAPES[self.kind], seconds - self.begin
        if age < shape.rise_seconds:
            return shape.peak * max(0.0, age) / shape.rise_seconds
        return shape.peak * exp(-max(0.0, age - shape.rise_seconds - shape.hold_seconds) / shape.fade_seconds)

    def over(self, seconds: float) -> bool:
        """Whether it is over."""
        shape = SHAPES[self.kind]
        return seconds > self.begin + shape.rise_seconds and self.weight(seconds) < _OVER * shape.peak

    def author(self, random: Random, people: People) -> str:
        """Return the author of one of its posts."""
        if self.kind in _ACCOUNTS:
            return f"demo-{self.kind}-{int(random.random() * _ACCOUNTS[self.kind]) + 1}"
        return people.anyone(random)

    def spoken(self, random: Random) -> Language:
        """Return the language of one of its posts."""
        alone = self.kind in {"language", "copies", "chat", "bot"} or random.random() < _OWN_LANGUAGE
        return self.language if alone else any_of(random, LANGUAGES)

    def text(self, random: Random, language: Language) -> str:
        """Return the text of one of its posts."""
        if self.kind == "copies":
            # Copies differ in what is left out of a comparison: the account that is mentioned, the link, the case.
            text = _CAMPAIGN.format(a=self.tags[0])
            number = int(random.random() * 1_000_000)
            return f"@reader{number} {text if number % 2 else text.upper()} https://example.org/{number}"
        if len(self.tags) > 1:
            return compose(random, language, language.paired, a=self.tags[0], b=self.tags[1])
        return compose(random, language, language.tagged, a=self.tags[0])


def events(random: Random) -> Iterator[Event]:
    """Yield events without end, in the order of their beginnings: first the opening, then one round after the other."""
    for begin, kind in OPENING:
        yield _event(kind, begin, random)
    kinds = [kind for _, kind in OPENING]
    start = OPENING[-1][0] + BETWEEN_SECONDS
    slack = ROUND_SECONDS / len(kinds) - BETWEEN_SECONDS
    while True:
        last = kinds[-1]
        random.shuffle(kinds)
        if kinds[0] == last:
            kinds.reverse()
        for place, kind in enumerate(kinds):
            begin = start + place * ROUND_SECONDS / len(kinds) + random.random() * slack
            yield _event(kind, begin, random)
        start += ROUND_SECONDS


def _event(kind: Kind, begin: float, random: Random) -> Event:
    if kind == "known":
        topic = any_of(random, _KNOWN)
        return Event(kind, begin, (topic.spellings[0],), topic.language or _BY_CODE["en"])
    place = any_of(random, LATIN.places)
    if kind == "language":
        language = _BY_CODE[any_of(random, tuple(_TAGS_OF_LANGUAGE))]
        return Event(kind, begin, (any_of(random, _TAGS_OF_LANGUAGE[language.code]).format(place),), language)
    tags = any_of(random, _TAGS[kind])
    return Event(kind, begin, tuple(tag.format(place) for tag in tags), _BY_CODE["en"])


_KNOWN = tuple(topic for topic in TOPICS if topic.share == NICHE_SHARE)
