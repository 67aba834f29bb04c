"""Makes up the posts of the demo."""

from bisect import bisect_left
from datetime import UTC, datetime
from random import Random

from ingest.posts.post import SourcePost
from ingest.sources.demo.events import Event, events
from ingest.sources.demo.people import People
from ingest.sources.demo.phrasebook import LANGUAGES, Language
from ingest.sources.demo.topics import TOPICS, cumulated_weights
from ingest.sources.demo.wording import any_of, compose

#: The weights of topics and events are computed once per step.
STEP_SECONDS = 0.5

_UNTAGGED, _PAIRED = 0.2, 0.2
#: Fraction of the posts about a topic of one language that are in this language.
_OWN_LANGUAGE = 0.94
#: Fraction of tags with a number (small numbers are more frequent), which make the long tail; greatest number.
_NUMBERED, _NUMBERS = 0.06, 500

_SHARES = [sum(language.share for language in LANGUAGES[: place + 1]) for place in range(len(LANGUAGES))]


class PostGenerator:
    """Makes up posts; the same random numbers at the same time of day make the same posts.

    Times are `seconds` since the first post.
    """

    def __init__(
        self, random: Random, run: str, start_ms: int, posts_per_second: float = 50, *, eventful: bool = True
    ) -> None:
        """Create the generator.

        Args:
            random: The random numbers.
            run: Makes the ids unique.
            start_ms: The start of the run, in ms since 1970.
            posts_per_second: The mean rate, which says how many accounts there are.
            eventful: Whether anything happens beside the usual topics.

        """
        self._random = random
        self._run = run
        self._start_ms = start_ms
        self._people = People(posts_per_second)
        # Events have random numbers of their own: they don't depend on how many posts were made.
        self._coming = events(Random(random.getrandbits(64))) if eventful else iter(())  # noqa: S311 - no secret
        self._next_event = next(self._coming, None)
        self._events: list[Event] = []
        self._next_step = 0.0
        #: The weights of the topics, then those of the events, each with all before it.
        self._cumulated: list[float] = []
        self._second, self._second_text = -1, ""

    def post(self, number: int, seconds: float) -> SourcePost:
        """Return the post with this number, `seconds` after the first one; both must grow from call to call."""
        while seconds >= self._next_step:
            self._weigh(self._next_step)
            self._next_step += STEP_SECONDS
        place = self._draw(self._cumulated)
        author, language, text = (
            self._usual(place) if place < len(TOPICS) else self._of_event(self._events[place - len(TOPICS)])
        )
        return SourcePost(
            id=f"demo:{self._run}:{number}",
            text=text,
            source="demo",
            lang=language.code,
            author=author,
            created_at=self._created_at(seconds),
        )

    def _created_at(self, seconds: float) -> str:
        second = self._start_ms // 1000 + int(seconds)
        if second != self._second:
            self._second = second
            self._second_text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self._second_text

    def _of_event(self, event: Event) -> tuple[str, Language, str]:
        language = event.spoken(self._random)
        return event.author(self._random, self._people), language, event.text(self._random, language)

    def _usual(self, place: int) -> tuple[str, Language, str]:
        """Return author, language and text of a post about a usual topic."""
        topic = TOPICS[place]
        language = topic.language
        if language is None or self._random.random() >= _OWN_LANGUAGE:
            language = LANGUAGES[self._draw(_SHARES)]
        return self._people.usual(self._random), language, self._text(language, topic.spellings)

    def _text(self, language: Language, spellings: tuple[str, ...]) -> str:
        random = self._random
        kind = random.random()
        if kind < _UNTAGGED:
            return compose(random, language, language.plain)
        tag = self._spelling(spellings)
        if kind < _UNTAGGED + _PAIRED:
            other = self._spelling(any_of(random, language.topics))
            return compose(random, language, language.paired, a=tag, b=other)
        return compose(random, language, language.tagged, a=tag)

    def _spelling(self, spellings: tuple[str, ...]) -> str:
        """Return one of the spellings; the first one is the most frequent."""
        kind = self._random.random()
        if kind < _NUMBERED:
            return f"{spellings[0]}{1 + int(_NUMBERS * self._random.random() ** 3)}"
        return spellings[0] if kind < 0.6 else any_of(self._random, spellings)

    def _draw(self, cumulated: list[float]) -> int:
        return bisect_left(cumulated, self._random.random() * cumulated[-1])

    def _weigh(self, seconds: float) -> None:
        """Begin and end events, and compute the weights of the topics and events."""
        self._events = [event for event in self._events if not event.over(seconds)]
        while self._next_event is not None and seconds >= self._next_event.begin:
            self._events.append(self._next_event)
            self._next_event = next(self._coming, None)
        self._cumulated = cumulated_weights(self._start_ms / 1000 + seconds)
        for event in self._events:
            self._cumulated.append(self._cumulated[-1] + event.weight(seconds))
