"""The made-up past of the demo: its usual topics before the start, so that Rising knows from the start what is usual.

Rising needs half an hour of posts before it can say what rises (docs/rising.md). A newcomer does not wait that long.
"""

from collections.abc import Iterator
from itertools import groupby, takewhile
from random import Random

from ingest.posts.post import SourcePost
from ingest.sources.demo.arrivals import arrivals
from ingest.sources.demo.generator import PostGenerator

#: The last part of the past is as busy as the demo itself, so that the window begins full and nothing seems to grow:
#: two windows of five minutes. Before that, the rate grows for a while.
FULL_SECONDS, GROWING_SECONDS = 600.0, 180.0
#: At first it is this part of the rate of the demo: enough to know what is usual, with a quarter of the work.
QUIET = 0.25
#: A past with more posts per second than this would make the first start slow.
MOST_POSTS_PER_SECOND = 50.0
#: Posts of this time are written together, with one time. It is the shortest pane that is usual.
RUN_SECONDS = 10


def made_up_past(
    seed: int, run: str, end_ms: int, seconds: float, posts_per_second: float
) -> Iterator[tuple[int, list[SourcePost]]]:
    """Yield posts in runs, each with the time of its posts (ms since 1970), oldest first.

    Args:
        seed: Decides about the posts.
        run: Makes the ids unique.
        end_ms: The end of the past, in ms since 1970.
        seconds: Its length.
        posts_per_second: The mean rate of the demo.

    """
    rate = min(posts_per_second, MOST_POSTS_PER_SECOND)
    start_ms = end_ms - round(seconds * 1000)
    generator = PostGenerator(Random(f"past {seed}"), f"{run}-past", start_ms, rate, eventful=False)  # noqa: S311 - no secret
    timed = enumerate(_times(rate, seconds, Random(f"past course {seed}")))  # noqa: S311 - no secret
    for part, posts in groupby(timed, lambda numbered: int((seconds - numbered[1]) / RUN_SECONDS)):
        yield end_ms - part * RUN_SECONDS * 1000, [generator.post(number, at) for number, at in posts]


def _times(rate: float, seconds: float, random: Random) -> Iterator[float]:
    """Yield the times of the posts, in seconds since the past begins."""
    for at in takewhile(lambda at: at < seconds, arrivals(rate, random)):
        growing = (seconds - at - FULL_SECONDS) / GROWING_SECONDS
        if random.random() < 1 - (1 - QUIET) * min(1.0, max(0.0, growing)):
            yield at
