"""A log in which a hashtag rises, and what a detector of the test's own learns from its posts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import duckdb
import pyarrow as pa
from tests.spark_job.support.fake_ingest import post

from spark_job.rising.detector import Detector
from spark_job.rising.facts import AUTHORS_ARROW, VOICES_ARROW, PaneFacts
from spark_job.rising.rises import Rising

Post = dict[str, Any]

MINUTE_MS = 60_000
#: What is compared after a recount: all that the detector stores.
TABLES = (
    "rising_facets",
    "rising_window",
    "rising_authors",
    "rising_slots",
    "rising_habits",
    "rising_slot_authors",
    "rising_ratios",
    "rising_list",
)


def written(tags: Iterable[str], at_ms: int, author: int, text: int, **fields: Any) -> Post:
    """A post of an account with a text of this fingerprint."""
    return post(tags, at_ms, author=author, text_hash=text, **fields)


def usual(from_ms: int, until_ms: int, *, every_ms: int = 2_000) -> list[Post]:
    """Posts as on any day: one every `every_ms`, each by another account, with one of 31 tags, a third in Japanese."""
    posts = []
    for number, at_ms in enumerate(range(from_ms, until_ms, every_ms)):
        # The same at the same time, whenever it is made.
        of_time = at_ms // every_ms
        lang = "ja" if number % 3 == 0 else "en"
        posts.append(written([f"usual{of_time % 31}"], at_ms, of_time, of_time, lang=lang))
    return posts


def crowd(tag: str, at_ms: int, authors: int, *, first: int = 0, posts_each: int = 1, **fields: Any) -> list[Post]:
    """Posts of different accounts, each with a text of its own, all at the same time."""
    return [
        written([tag], at_ms, 10**9 + first + author, 10**12 + first * 10**6 + author * 10**4 + number, **fields)
        for author in range(authors)
        for number in range(posts_each)
    ]


def copies(tag: str, at_ms: int, authors: int, *, first: int = 0) -> list[Post]:
    """Posts of different accounts with one text."""
    return [written([tag], at_ms, 2 * 10**9 + first + author, 77) for author in range(authors)]


def facts(posts: Iterable[Post], pane_ms: int) -> list[PaneFacts]:
    """The facts of each pane, by plain Python. Of the texts of an account with a tag in a pane, the least is taken."""
    panes: dict[int, list[Post]] = defaultdict(list)
    for one in posts:
        panes[one["at_ms"] - one["at_ms"] % pane_ms].append(one)
    found = []
    for start, inside in sorted(panes.items()):
        uses: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        authors: dict[tuple[str, str], set[int]] = defaultdict(set)
        for one in inside:
            authors[one["source"], one["lang"]].add(one["author"])
            for tag in one["tags"]:
                uses[one["source"], one["lang"], tag["key"], one["author"]].append(one["text_hash"])
        rows = [(*use, min(texts), len(texts)) for use, texts in uses.items()]
        voices = pa.Table.from_pylist([dict(zip(VOICES_ARROW.names, row, strict=True)) for row in rows], VOICES_ARROW)
        of_facets = [{"source": s, "lang": lang, "authors": len(names)} for (s, lang), names in authors.items()]
        found.append(PaneFacts(start + pane_ms, voices, pa.Table.from_pylist(of_facets, AUTHORS_ARROW)))
    return found


class Recount:
    """A detector of the test's own: what it has learned of the posts, pane by pane.

    Args:
        posts: All posts that were counted.
        pane_ms: Length of a pane.
        window_ms: Length of the window.
        until_ms: The end of the last closed pane. Panes without posts before it change no baseline.
        look: Whether it looks at what rises at the end of each pane. Otherwise it only learns them.

    """

    def __init__(
        self, posts: Sequence[Post], pane_ms: int, window_ms: int, until_ms: int, *, look: bool = True
    ) -> None:
        self.db = duckdb.connect(config={"threads": 1})
        detector = Detector(self.db, pane_ms=pane_ms, window_ms=window_ms)
        self.list: Rising | None = None
        panes = [one for one in facts(posts, pane_ms) if one.until_ms <= until_ms]
        self.db.begin()
        if look:
            for one in panes:
                self.list = detector.add_pane(one)
        else:
            detector.learn_all(panes)
        self.db.commit()

    def tables(self, *names: str) -> dict[str, list[tuple[Any, ...]]]:
        """What it has stored."""
        return stored(self.db, *names)


def stored(db: duckdb.DuckDBPyConnection, *names: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of the tables of a detector."""
    return {name: db.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in names or TABLES}
