"""The archive recounted from all posts by plain Python, and what is in its files."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.recount import Post, author

HOUR_MS, MINUTE_MS = 3_600_000, 60_000
#: minute_ms, source, lang, tag, label, posts, authors, taken_back, hour_authors
Row = tuple[int, str, str, str, str, int, int, int, int]


def posts_over(seed: int, from_ms: int, hours: float, count: int) -> list[Post]:
    """Posts of two sources and three languages at random times, with common and rare tags in several spellings."""
    dice = random.Random(seed)
    times = sorted(from_ms + int(dice.random() * hours * HOUR_MS) for _ in range(count))
    return [_post(dice, at_ms) for at_ms in times]


def _post(dice: random.Random, at_ms: int) -> Post:
    labels = {f"Tag{int(dice.expovariate(0.1))}" for _ in range(dice.randrange(4))} | (
        {dice.choice(["WM", "wm", "Wm"])} if dice.random() < 0.2 else set()
    )
    return post(
        sorted(labels),
        at_ms,
        lang=dice.choice(["en", "ja", "und"]),
        source=dice.choice(["demo", "x"]),
        author=dice.randrange(40),
        deleted=dice.random() < 0.1,
    )


def recounted(posts: Iterable[Post], least: int = 5) -> dict[int, list[Row]]:
    """The rows of each hour that has posts, by its start. Posts that have `deleted` were taken back."""
    hours: dict[int, list[Post]] = defaultdict(list)
    for one in posts:
        hours[one["at_ms"] - one["at_ms"] % HOUR_MS].append(one)
    return {hour: _rows(of_hour, least) for hour, of_hour in hours.items()}


def _rows(posts: list[Post], least: int) -> list[Row]:
    sums = Counter(tag["key"] for one in posts for tag in one["tags"])
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    people: dict[str, set[Any]] = defaultdict(set)
    groups: dict[tuple[int, str, str, str], list[Post]] = defaultdict(list)
    for one in posts:
        for tag in one["tags"]:
            spellings[tag["key"]][tag["label"]] += 1
            people[tag["key"]].add(author(one))
            minute_ms = one["at_ms"] - one["at_ms"] % MINUTE_MS
            groups[minute_ms, one["source"], one["lang"], tag["key"]].append(one)
    labels = {key: max(found, key=lambda label: (found[label], label)) for key, found in spellings.items()}
    return sorted(
        (
            *(minute_ms, source, lang, key, labels[key], len(of_row), len({author(one) for one in of_row})),
            *(sum(bool(one.get("deleted")) for one in of_row), len(people[key])),
        )
        for (minute_ms, source, lang, key), of_row in groups.items()
        if sums[key] >= least
    )


def stored(path: Path) -> list[Row]:
    """The rows of a file, in the order of `recounted`."""
    table = pq.read_table(path, partitioning=None)
    columns = [table["minute"].cast(pa.int64()), *table.columns[1:9]]
    return sorted(zip(*(column.to_pylist() for column in columns), strict=True))


def files(folder: Path) -> list[str]:
    """The names of all files below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
