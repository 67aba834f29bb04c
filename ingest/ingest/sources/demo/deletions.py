"""Accounts of the demo that post a tag and delete most of it within seconds: the commonest way to fake a trend.

On Twitter, this was 20 % of the global trends (Elmas and others, "Ephemeral Astroturfing Attacks", arXiv 1910.07783).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple

from ingest.posts.post import SourcePost
from ingest.sources.base import ChangedPost, NewPost
from ingest.sources.demo.phrasebook import LANGUAGES
from ingest.sources.demo.wording import LATIN, any_of, compose

#: When the first wave begins, how long it lasts, and the time from one beginning to the next.
FIRST_SECONDS, WAVE_SECONDS, ROUND_SECONDS = 40.0, 75.0, 300.0
#: Its posts, as a part of all usual posts; more than this many in a second would add nothing.
PART, MOST_POSTS_PER_SECOND = 0.04, 20.0
#: The part of its posts that is deleted, and how long after they came.
DELETED, AFTER_SECONDS = 0.8, (3.0, 20.0)
#: How many accounts post it.
ACCOUNTS = 40
_TAGS = ("{0}Raffle", "Win{0}", "{0}Voucher", "Free{0}Tour")
_ENGLISH = next(language for language in LANGUAGES if language.code == "en")


class Due(NamedTuple):
    """An item, and when it is due, in seconds since the start."""

    seconds: float
    item: NewPost | ChangedPost


def waves(random: Random, run: str, start_ms: int, posts_per_second: float) -> Iterator[Due]:
    """Yield posts and their deletions without end, in the order of their times.

    Args:
        random: The random numbers.
        run: Makes the ids unique.
        start_ms: The start of the run, in ms since 1970.
        posts_per_second: The mean rate of the demo.

    """
    rate = min(PART * posts_per_second, MOST_POSTS_PER_SECOND)
    number, begin = 0, FIRST_SECONDS
    while True:
        tag = any_of(random, _TAGS).format(any_of(random, LATIN.places))
        due: list[Due] = []
        seconds = begin + random.expovariate(rate)
        while seconds < begin + WAVE_SECONDS:
            post = _post(random, f"demo:{run}:deleted-{number}", tag, start_ms / 1000 + seconds)
            due.append(Due(seconds, NewPost(post)))
            if random.random() < DELETED:
                due.append(Due(seconds + random.uniform(*AFTER_SECONDS), ChangedPost("deleted", post.id)))
            number, seconds = number + 1, seconds + random.expovariate(rate)
        yield from sorted(due, key=lambda each: each.seconds)
        begin += ROUND_SECONDS


def _post(random: Random, post_id: str, tag: str, at_seconds: float) -> SourcePost:
    return SourcePost(
        id=post_id,
        text=compose(random, _ENGLISH, _ENGLISH.tagged, a=tag),
        source="demo",
        lang=_ENGLISH.code,
        author=f"demo-raffle-{int(random.random() * ACCOUNTS) + 1}",
        created_at=datetime.fromtimestamp(int(at_seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
