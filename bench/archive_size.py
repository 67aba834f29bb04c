"""`python -m bench.archive_size`: the bytes of an hour of the archive, with the job's own writer over made-up hours.

docs/archive.md has the table. The same seed makes the same posts, and the same version of the writer the same bytes.
"""

import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from random import Random

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.posts import START_MS, tag_name
from ingest.posts.hashtags import extract, tags_of
from ingest.sources.demo.arrivals import arrivals
from ingest.sources.demo.generator import PostGenerator
from spark_job.archive.hour_file import About, write_hour
from spark_job.archive.hour_rows import Added, hour_rows
from spark_job.executor.messages import to_message

HOUR_SECONDS, HOURS_OF_A_YEAR = 3600, 8766
MINUTE_MS = 60_000
POSTS_PER_SECOND, LEAST_POSTS, SEED = 50, 5, 8
#: An odd number: different places have different names.
SCRAMBLE = 2_654_435_761
LANGUAGES = ("en", "ja", "es", "pt", "ko", "de", "fr", "th", "tr", "und")
COUNTS = """
SELECT minute_ms AS pane_ms, source, lang, key, nullif(label, key) AS label, count(*) AS posts
FROM uses WHERE minute_ms = ? GROUP BY ALL
"""
USES = """
SELECT DISTINCT minute_ms AS pane_ms, source, lang, key, author, 0::TINYINT AS level FROM uses WHERE minute_ms = ?
"""


@dataclass(frozen=True)
class Mix:
    """Posts with hashtags that follow Zipf's law, of two sources, ten languages and many accounts."""

    name: str
    tags: int
    exponent: float
    tags_per_post: float = 1.5
    accounts: int = 60_000


MIXES = (
    Mix("two sources, ten languages, a million hashtags, exponent 1", 1_000_000, 1.0),
    Mix("the same with a hashtag in every third post", 1_000_000, 1.0, 1 / 3),
    Mix("1.5 hashtags a post from 200,000, exponent 0.8", 200_000, 0.8),
)


def uses_of_mix(mix: Mix, posts_per_second: int = POSTS_PER_SECOND) -> pa.Table:
    """The uses of hashtags in an hour: minute_ms, source, lang, key, label, author."""
    dice = np.random.default_rng(SEED)
    count = int(posts_per_second * HOUR_SECONDS * mix.tags_per_post)
    weights = 1 / np.arange(1, mix.tags + 1) ** mix.exponent
    places = dice.choice(mix.tags, count, p=weights / weights.sum())
    used, of_use = np.unique(places, return_inverse=True)
    # Names of neighbours in the ranking have nothing in common.
    names = [tag_name((int(place) + 1) * SCRAMBLE % 2**32) for place in used]
    spellings = pa.array([*names, *(name.title() for name in names)])
    capital = dice.random(count) < 0.3
    # Most posts with a hashtag are in the language of the hashtag, and a quarter are in any.
    shares = 1 / np.arange(1, len(LANGUAGES) + 1)
    own = dice.choice(len(LANGUAGES), len(used), p=shares / shares.sum())[of_use]
    langs = np.where(dice.random(count) < 0.75, own, dice.choice(len(LANGUAGES), count, p=shares / shares.sum()))
    hashes = dice.integers(0, 2**64, mix.accounts, dtype=np.uint64)
    columns = {
        "minute_ms": pa.array(START_MS + dice.integers(0, 60, count) * MINUTE_MS),
        "source": pa.array(["bluesky", "mastodon"]).take(pa.array((dice.random(count) < 0.3).astype(int))),
        "lang": pa.array(LANGUAGES).take(pa.array(langs)),
        "key": pa.array(names).take(pa.array(of_use)),
        "label": spellings.take(pa.array(of_use + len(names) * capital)),
        "author": pa.array(hashes[(mix.accounts * dice.random(count) ** 2).astype(int)]),
    }
    return pa.table(columns)


def uses_of_demo() -> pa.Table:
    """The uses of hashtags in an hour of the demo."""
    generator = PostGenerator(Random(SEED), "bench", START_MS, POSTS_PER_SECOND)  # noqa: S311 - no secret
    times = takewhile(lambda at: at < HOUR_SECONDS, arrivals(POSTS_PER_SECOND, Random(f"course {SEED}")))  # noqa: S311
    rows = []
    for number, at in enumerate(times):
        post = generator.post(number, at)
        labels = extract(post.text) if post.labels is None else post.labels
        minute_ms = START_MS + int(at // 60) * MINUTE_MS
        of_post = (minute_ms, post.source, post.lang)
        author = zlib.crc32(str(post.author).encode())
        rows += [(*of_post, tag.key, tag.label, author) for tag in tags_of(labels)]
    names = ("minute_ms", "source", "lang", "key", "label", "author")
    types = (pa.int64(), pa.string(), pa.string(), pa.string(), pa.string(), pa.uint64())
    columns = [pa.array(column, type_) for column, type_ in zip(zip(*rows, strict=True), types, strict=True)]
    return pa.table(columns, names=names)


def added_of(uses: pa.Table) -> list[Added]:
    """What the closings of an hour add, as messages."""
    with duckdb.connect() as db:
        db.register("uses", uses)
        minutes = range(START_MS, START_MS + HOUR_SECONDS * 1000, MINUTE_MS)
        found = [[db.execute(sql, [at_ms]).to_arrow_table() for sql in (COUNTS, USES)] for at_ms in minutes]
    return [Added(to_message(counts), to_message(of_people), None) for counts, of_people in found]


def write(folder: Path, added: list[Added], least: int = LEAST_POSTS) -> Path:
    """Write the hour. `least`: the least posts of a hashtag."""
    about = About(
        id="bench", hour_ms=START_MS, counted_from_ms=START_MS, missing_ms=0, dropped_posts=0, min_posts=least
    )
    none = pa.table({name: [] for name in ("pane_ms", "source", "lang", "key", "posts")})
    with hour_rows(lambda: added, none, least, folder) as rows:
        return write_hour(folder, about, rows)


def lines() -> Iterator[str]:
    """One line for each mix, and one for the largest with fewer hashtags."""
    rare = MIXES[-1]
    yield _line("the demo", added_of(uses_of_demo()))
    for mix in MIXES:
        yield _line(mix.name, added_of(uses_of_mix(mix)))
    yield _line(f"{rare.name}, ARCHIVE_MIN_POSTS=10", added_of(uses_of_mix(rare)), 10)


def _line(name: str, added: list[Added], least: int = LEAST_POSTS) -> str:
    with tempfile.TemporaryDirectory(prefix="archive-size-") as folder:
        since = time.process_time()
        path = write(Path(folder), added, least)
        took_seconds = time.process_time() - since
        rows, size = pq.read_metadata(path).num_rows, path.stat().st_size
    a_year = size * HOURS_OF_A_YEAR / 1e9
    return (
        f"{name}: {rows:,} rows, {size:,} bytes an hour, {a_year:.2f} GB a year; {took_seconds:.1f} s of CPU to write"
    )


def main() -> None:
    """Print the table."""
    for line in lines():
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
