"""What the bars of a snapshot show, without any chart library: a row for each rank, the leader first."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from hashtags.chart.words import ENGLISH

if TYPE_CHECKING:
    from hashtags.chart.colours import Colours
    from hashtags.chart.words import Words
    from hashtags.snapshot import Snapshot

#: A longer hashtag is cut: the bars need the room.
MAX_CHARACTERS = 28
#: The axis ends at one of these times a power of ten, so that it does not change with each snapshot.
NICE = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
NO_BAR = "rgba(0,0,0,0)"


@dataclass(frozen=True)
class Bars:
    """The rows of a chart, always the same number of them: a missing one has no text and no length.

    Attributes:
        labels: The hashtags, as HTML.
        lengths: Posts, or people if the list is by people.
        texts: The lengths, as people write them.
        hovers: What a bar says when the mouse is on it.
        colours: Of the bars.
        end: Where the axis ends.
        title: The time and the posts of the list.

    """

    labels: tuple[str, ...]
    lengths: tuple[int, ...]
    texts: tuple[str, ...]
    hovers: tuple[str, ...]
    colours: tuple[str, ...]
    end: float
    title: str


def bars(snapshot: Snapshot, count: int, colours: Colours, words: Words = ENGLISH) -> Bars:
    """The first `count` leaders of a snapshot as rows."""
    leaders = snapshot.leaders[:count]
    by_people = snapshot.view.by == "people"
    lengths = [(leader.people or 0) if by_people else leader.posts for leader in leaders]
    missing = count - len(leaders)
    return Bars(
        labels=(*(escape(_short(leader.hashtag)) for leader in leaders), *[""] * missing),
        lengths=(*lengths, *[0] * missing),
        texts=(*(words.number(length) for length in lengths), *[""] * missing),
        hovers=(*(_hover(leader.hashtag, leader.posts, leader.people, words) for leader in leaders), *[""] * missing),
        colours=(*colours.of([leader.key for leader in leaders]), *[NO_BAR] * missing),
        end=axis_end(max(lengths, default=0)),
        title=title(snapshot, words),
    )


def title(snapshot: Snapshot, words: Words = ENGLISH) -> str:
    """The time and the posts of a snapshot."""
    of = snapshot.view.source or snapshot.view.lang
    posts = f"{words.number(snapshot.posts)} {words.posts}" + (f" ({escape(of)})" if of else "")
    return f"{snapshot.start:%H:%M:%S} – {snapshot.to:%H:%M:%S} UTC · {posts}"


def axis_end(longest: int) -> float:
    """The end of the axis: some room behind the longest bar for its number."""
    wanted, power = max(longest, 1) * 1.12, 1.0
    while power * 10 <= wanted:
        power *= 10
    return next(step * power for step in NICE if step * power >= wanted)


def _short(hashtag: str) -> str:
    return hashtag if len(hashtag) <= MAX_CHARACTERS else f"{hashtag[: MAX_CHARACTERS - 1]}…"


def _hover(hashtag: str, posts: int, people: int | None, words: Words) -> str:
    by_people = "" if people is None else f"<br>{words.number(people)} {words.people}"
    return f"{escape(hashtag)}<br>{words.number(posts)} {words.posts}{by_people}"
