"""The posts of the demo as the facts of panes, without waiting: time is simulated."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import takewhile
from random import Random
from zlib import crc32

import pyarrow as pa

from ingest.posts import hashtags
from ingest.posts.post import SourcePost
from ingest.sources.demo.arrivals import arrivals
from ingest.sources.demo.generator import PostGenerator
from ingest.sources.demo.past import made_up_past
from spark_job.rising.facts import AUTHORS_ARROW, VOICES_ARROW, PaneFacts

PANE_MS = 10_000

#: What is left out before texts are compared: links, mentions, hashtags, and all that is not a letter.
_left_out = re.compile(r"https?://\S+|[@#]\w+|[\W\d_]+")


def posts(seed: int, start_ms: int, seconds: float, rate: float) -> Iterator[tuple[int, SourcePost]]:
    """Yield the posts of a run, each with its time; see `PostGenerator`."""
    generator = PostGenerator(Random(seed), "test", start_ms, rate)
    times = takewhile(lambda at: at < seconds, arrivals(rate, Random(f"course {seed}")))
    for number, at in enumerate(times):
        yield start_ms + int(at * 1000), generator.post(number, at)


def past(seed: int, end_ms: int, seconds: float, rate: float) -> Iterator[tuple[int, SourcePost]]:
    """Yield the posts of the made-up past, each with its time; see `made_up_past`."""
    for at_ms, made_up in made_up_past(seed, "test", end_ms, seconds, rate):
        yield from ((at_ms, post) for post in made_up)


def panes(timed: Iterable[tuple[int, SourcePost]]) -> list[PaneFacts]:
    """Return the facts of the panes of these posts, oldest first."""
    voices: dict[int, Counter[tuple[str, str, str, int, int]]] = defaultdict(Counter)
    authors: dict[int, dict[tuple[str, str], set[int]]] = defaultdict(lambda: defaultdict(set))
    for at_ms, post in timed:
        until_ms = at_ms - at_ms % PANE_MS + PANE_MS
        author, text = crc32(str(post.author).encode()), crc32(_left_out.sub("", post.text).casefold().encode())
        authors[until_ms][post.source, post.lang].add(author)
        for tag in hashtags.tags_of(hashtags.extract(post.text)):
            voices[until_ms][post.source, post.lang, tag.key, author, text] += 1
    return [_facts(until_ms, voices[until_ms], authors[until_ms]) for until_ms in sorted(authors)]


def _facts(
    until_ms: int, voices: Counter[tuple[str, str, str, int, int]], authors: dict[tuple[str, str], set[int]]
) -> PaneFacts:
    columns = list(zip(*((*row, posts) for row, posts in voices.items()), strict=True)) or [()] * len(VOICES_ARROW)
    facets = [{"source": source, "lang": lang, "authors": len(found)} for (source, lang), found in authors.items()]
    return PaneFacts(
        until_ms,
        pa.table(dict(zip(VOICES_ARROW.names, map(list, columns), strict=True)), schema=VOICES_ARROW),
        pa.Table.from_pylist(facets, schema=AUTHORS_ARROW),
    )
