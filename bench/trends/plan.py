"""The planted events of a stream: which kinds, how many, and when."""

from dataclasses import dataclass, field
from random import Random

from bench.trends.events import Burst, Disturbance
from bench.trends.stream import DAY_MS, START_MS, Traffic

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
#: True rises of each kind.
EACH = 4


@dataclass
class Plan:
    """What is planted, by day."""

    marked_day: int
    bursts: dict[int, list[Burst]] = field(default_factory=dict)
    disturbances: dict[int, list[Disturbance]] = field(default_factory=dict)

    def add(self, burst: Burst) -> None:
        """Plant a burst."""
        self.bursts.setdefault((burst.begin_ms - START_MS) // DAY_MS, []).append(burst)

    def true_rises(self) -> list[Burst]:
        """The rises that should be found."""
        return [burst for burst in self.bursts.get(self.marked_day, []) if burst.true]


class _Planner:
    """Makes the events of the marked day, each kind `EACH` times, at random times."""

    def __init__(self, traffic: Traffic, marked_day: int) -> None:
        self._rng = Random(traffic.seed)  # noqa: S311 - no secret
        self._languages = tuple(lang for lang in traffic.parts() if lang != "und")
        self._scale = traffic.posts_per_second / Traffic(0).posts_per_second
        self._number = 0
        self.plan = Plan(marked_day)
        self._begin_ms = START_MS + marked_day * DAY_MS

    def _new_tag(self, kind: str) -> str:
        self._number += 1
        return f"{kind}{self._number}"

    def _at(self) -> int:
        """A time of the marked day, not in its first half hour or its last two hours."""
        return self._begin_ms + self._rng.randrange(30 * MINUTE_MS, DAY_MS - 120 * MINUTE_MS)

    def _ranked(self, least: int, most: int) -> str:
        """A tag of the habits of this popularity."""
        return f"t{(self._rng.randrange(least, most) * 6 + self._rng.randrange(6)) % 20_000}"

    def rise(
        self,
        kind: str,
        tags: tuple[str, ...],
        minutes: float,
        posts: int,
        *,
        ramp: float = 1.0,
        lang: str | None = None,
    ) -> Burst:
        """Plant a true rise."""
        begin_ms = self._at()
        end_ms = begin_ms + int(minutes * MINUTE_MS)
        burst = Burst(kind, True, tags, begin_ms, end_ms, posts, ramp=ramp, lang=lang, languages=self._languages)
        self.plan.add(burst)
        return burst

    def true_rises(self) -> None:
        """Plant the nine kinds of true rises."""
        rng = self._rng
        for _ in range(EACH):
            self.rise("sudden", (self._new_tag("sudden"),), 20, rng.randrange(150, 600))
            self.rise("known", (self._ranked(40, 300),), 20, int(rng.randrange(150, 500) * max(1.0, self._scale)))
            self.rise("gradual", (self._new_tag("gradual"),), rng.randrange(40, 90), rng.randrange(400, 900), ramp=2.0)
            self.rise("short", (self._new_tag("short"),), 4, rng.randrange(40, 120))
            self.rise("small", (self._new_tag("small"),), 10, rng.randrange(24, 40))
            self.rise("leader", (self._ranked(1, 3),), 30, int(rng.randrange(1800, 2600) * self._scale))
            self.rise(
                "language",
                (self._new_tag("language"),),
                20,
                rng.randrange(100, 300),
                lang=rng.choice(self._languages[1:5]),
            )
            pair = (self._new_tag("pair"), self._new_tag("pair"))
            self.rise("pair", pair, 20, rng.randrange(100, 300))
        for _ in range(EACH // 2):
            first = self.rise("again", (self._new_tag("again"),), 20, rng.randrange(120, 300))
            later_ms = first.begin_ms + 3 * HOUR_MS
            if later_ms < self._begin_ms + DAY_MS - HOUR_MS:
                self.plan.add(
                    Burst("again", True, first.tags, later_ms, later_ms + 20 * MINUTE_MS, rng.randrange(120, 300))
                )

    def false_bursts(self) -> None:
        """Plant bursts of single tags that should not be found."""
        for _ in range(EACH):
            for kind, posts, authors, texts in (
                ("few", 400, 5, 0),
                ("one", 1000, 1, 0),
                ("copies", 400, 400, 3),
                ("chat", 300, 6, 0),
            ):
                self.false(kind, self._new_tag(kind), 20, posts, authors=authors, texts=texts)
            self.false("hijack", self._ranked(1, 5), 20, 600, authors=4)
            self.false("feed", self._new_tag("feed"), 120, 240, authors=2)

    def false(self, kind: str, tag: str, minutes: int, posts: int, *, authors: int = 0, texts: int = 0) -> None:
        """Plant a burst that should not be found."""
        begin_ms = self._at()
        self.plan.add(
            Burst(kind, False, (tag,), begin_ms, begin_ms + minutes * MINUTE_MS, posts, authors=authors, texts=texts)
        )

    def habits(self) -> None:
        """Plant habits of each day, up to a quarter of an hour early or late, and of one weekday."""
        for number in range(EACH):
            at_ms = self._rng.randrange(60 * MINUTE_MS, DAY_MS - 150 * MINUTE_MS)
            for day in range(self.plan.marked_day + 1):
                begin_ms = START_MS + day * DAY_MS + at_ms + self._rng.randrange(-15, 16) * MINUTE_MS
                self.plan.add(Burst("daily", False, (f"daily{number}",), begin_ms, begin_ms + 20 * MINUTE_MS, 250))
        if self.plan.marked_day >= 7:
            for number in range(EACH):
                at_ms = self._rng.randrange(60 * MINUTE_MS, DAY_MS - 150 * MINUTE_MS)
                for day in (self.plan.marked_day - 7, self.plan.marked_day):
                    begin_ms = START_MS + day * DAY_MS + at_ms
                    self.plan.add(
                        Burst("weekly", False, (f"weekly{number}",), begin_ms, begin_ms + 20 * MINUTE_MS, 250)
                    )

    def short_texts(self) -> None:
        """Plant rises with many pictures, and many accounts with nothing else."""
        for _ in range(EACH // 2):
            begin_ms = self._at()
            end_ms, tag = begin_ms + 20 * MINUTE_MS, self._new_tag("pictures")
            posts = self._rng.randrange(150, 600)
            self.plan.add(
                Burst("pictures", True, (tag,), begin_ms, end_ms, posts, short=0.4, languages=self._languages)
            )
            begin_ms = self._at()
            end_ms, tag = begin_ms + 20 * MINUTE_MS, self._new_tag("wordless")
            self.plan.add(Burst("wordless", False, (tag,), begin_ms, end_ms, 400, authors=400, short=1.0))

    def disturb(self) -> None:
        """Plant what happens to the stream as a whole."""
        begin_ms = self._begin_ms

        def span(hour: float, minutes: float) -> tuple[int, int]:
            at_ms = begin_ms + int(hour * HOUR_MS)
            at_ms -= at_ms % 10_000
            return at_ms, at_ms + int(minutes * MINUTE_MS)

        self.plan.disturbances[self.plan.marked_day] = [
            Disturbance("source away", span(3, 40), 0.0, source="mastodon"),
            Disturbance("outage", span(7, 10), 0.0),
            Disturbance("catch-up", span(7 + 1 / 6, 2), 5.0),
            Disturbance("doubled", span(10, 60), 2.0),
            Disturbance("language fourfold", span(14, 45), 4.0, lang=self._languages[2 % len(self._languages)]),
            Disturbance("new source", span(17, 7 * 60), 0.15, source="nostr", lang="en"),
        ]


def plan(traffic: Traffic, marked_day: int) -> Plan:
    """Return the planted events of a stream. `marked_day`: in which they are, from 0 on."""
    planner = _Planner(traffic, marked_day)
    planner.true_rises()
    planner.false_bursts()
    planner.habits()
    planner.short_texts()
    planner.disturb()
    return planner.plan
