"""The voices of the window: who used which hashtag, with which text.

A tag has as many voices as it has different authors, or different texts if those are fewer. So neither one account
with many posts nor many accounts with one text make a tag rise. `voices` says what counts as a text.
"""

import contextlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log

import duckdb
import pyarrow as pa
from pyarrow.compute import CountOptions

from spark_job.rising.facts import PaneFacts
from spark_job.rising.voices import counted_short_texts, voices_of_rows
from spark_job.tag_hash import HASH, hash_of

SCHEMA = """
CREATE TABLE IF NOT EXISTS rising_facets (facet SMALLINT, source VARCHAR, lang VARCHAR);
CREATE TABLE IF NOT EXISTS rising_authors (pane_ms BIGINT, facet SMALLINT, authors BIGINT);
CREATE {} TABLE IF NOT EXISTS rising_window (
  pane_ms BIGINT, facet SMALLINT, hash UBIGINT, key VARCHAR, author UBIGINT, text UBIGINT, posts BIGINT);
"""
#: The most facets. Further ones are left out.
MOST_FACETS = 1_000
#: The most rows of a pane. Of more, those of the tags with the most posts are taken, and of one tag at most a fifth of
#: these: so a tag with 40,000 different authors in a pane counts as one with 20,000.
MOST_VOICES = 100_000
#: So many tags are hashed in less time by Python than by a query.
FEW_TAGS = 2_000
#: An author with this many posts with one tag in the window talks with others rather than joins a rise.
TALKING_POSTS = 4
#: At most this many posts of an author are counted to see whether a group talks: so one eager author is no group.
COUNTED_POSTS = 3

#: A post without an author counts as one author. The number of the row and the time of the pane make it different from
#: all others. The text of a post with too little text to compare is null.
_ADD_VOICES = """
INSERT INTO rising_window
SELECT pane_ms, facet, hash, key, coalesce(author, hash(pane_ms, number)), text, posts
FROM pane_voices JOIN rising_facets USING (source, lang)
"""
_BOUND = """
WITH tags AS (SELECT key, least(count(*), $most // 5) AS size, sum(posts) AS posts FROM pane_voices GROUP BY key),
taken AS (SELECT key FROM tags QUALIFY sum(size) OVER (ORDER BY posts DESC, key) <= $most)
SELECT * FROM pane_voices SEMI JOIN taken USING (key)
QUALIFY row_number() OVER (PARTITION BY key ORDER BY hash(author, text)) <= $most // 5
"""
#: A tag without posts in the newest pane can't begin to rise, so it is looked at only if it is listed.
_CANDIDATES = f"""
WITH ready AS (SELECT unnest($facets::SMALLINT[]) AS facet),
busy AS MATERIALIZED (
  SELECT hash, max(pane_ms) AS newest_ms FROM rising_window SEMI JOIN ready USING (facet)
  GROUP BY hash HAVING sum(posts) >= $least),
wanted AS (SELECT hash FROM busy WHERE newest_ms = $newest UNION SELECT hash FROM rising_list),
found AS MATERIALIZED (
  SELECT * FROM rising_window SEMI JOIN ready USING (facet) WHERE hash IN (SELECT hash FROM wanted)),
authors AS (
  SELECT hash, any_value(key) AS key, sum(posts)::BIGINT AS posts, count(*) AS authors,
    count_if(newest_ms >= $recent) AS recent_authors, count_if(posts >= {TALKING_POSTS}) AS talking,
    sum(least(posts, {COUNTED_POSTS}))::BIGINT AS counted_posts,
    count(short_ms) AS short, count_if(short_ms >= $recent) AS recent_short
  FROM (SELECT hash, author, any_value(key) AS key, sum(posts) AS posts, max(pane_ms) AS newest_ms,
          max(pane_ms) FILTER (text IS NULL) AS short_ms
        FROM found GROUP BY hash, author)
  GROUP BY hash),
texts AS (
  SELECT hash, count(text) AS texts, count_if(text IS NOT NULL AND newest_ms >= $recent) AS recent_texts,
    count_if(text IS NOT NULL AND alone) AS own_texts
  FROM (SELECT hash, text, max(pane_ms) AS newest_ms, min(author) = max(author) AS alone
        FROM found GROUP BY hash, text)
  GROUP BY hash),
counted AS (
  SELECT *, {counted_short_texts("texts", "short")} AS short_texts,
    {counted_short_texts("recent_texts", "recent_short")} AS recent_short_texts
  FROM authors JOIN texts USING (hash))
SELECT hash, key, posts, authors, texts + short_texts, recent_authors, recent_texts + recent_short_texts,
  own_texts + short_texts, talking, counted_posts, (SELECT count(*) FROM busy) AS busy
FROM counted
"""  # noqa: S608
_PANES = "SELECT pane_ms, sum(authors)::BIGINT FROM rising_authors GROUP BY pane_ms ORDER BY pane_ms DESC"
_VOICES_OF_PANES = f"""
SELECT hash, pane_ms, {voices_of_rows(copies_count=False)} FROM rising_window
WHERE hash IN (SELECT unnest($tags::UBIGINT[])) GROUP BY hash, pane_ms
"""  # noqa: S608


def list_of(numbers: Iterable[int]) -> str:
    """Return numbers as DuckDB's text for a list. It reads that in a tenth of the time that a list of Python takes."""
    return f"[{', '.join(map(str, numbers))}]"


@dataclass(frozen=True)
class Candidate:
    """A tag of the window that may rise.

    Attributes:
        hash: See `spark_job.state.sql.HASH`.
        key: The tag.
        posts: Its posts in the window.
        authors: Its different authors in the window.
        texts: Its different texts in the window; see `voices` for texts that are too short.
        recent_authors: Its different authors in the newest part of the window.
        recent_texts: Its different texts there.
        own_texts: Its texts that only one author has.
        talking: Its authors with at least `TALKING_POSTS` posts.
        counted_posts: Its posts, of each author at most `COUNTED_POSTS`.
        busy: How many tags have enough posts to be looked at.

    """

    hash: int
    key: str
    posts: int
    authors: int
    texts: int
    recent_authors: int
    recent_texts: int
    own_texts: int
    talking: int
    counted_posts: int
    busy: int


class Window:
    """The hashes of the panes of the window, and the authors of each facet. Both are forgotten with the window."""

    def __init__(
        self, db: duckdb.DuckDBPyConnection, pane_ms: int, window_ms: int, recent_ms: int, *, temporary: bool
    ) -> None:
        """Create its tables.

        Args:
            db: The state.
            pane_ms: Length of a pane.
            window_ms: Length of the window.
            recent_ms: Length of the newest part of the window.
            temporary: Whether the hashes are in a temporary table.

        """
        db.execute(SCHEMA.format("TEMP" if temporary else ""))
        self._db = db
        self._pane_ms = pane_ms
        self._window_ms = window_ms
        self._recent_ms = recent_ms
        self._temporary = temporary
        #: When a temporary table was written again. After a rollback it is only written later.
        self._rewritten_ms = 0

    def newest_ms(self) -> int | None:
        """Return the beginning of the newest pane that had posts."""
        ((newest_ms,),) = self._db.execute("SELECT max(pane_ms) FROM rising_authors").fetchall()
        return None if newest_ms is None else int(newest_ms)

    def add(self, panes: Sequence[PaneFacts]) -> None:
        """Add panes, and forget those that have left the window, which ends with the last one."""
        self._add_authors({facts.until_ms - self._pane_ms: self._authors(facts) for facts in panes})
        self.add_voices(panes)
        from_ms = panes[-1].until_ms - self._window_ms
        self._db.execute("DELETE FROM rising_authors WHERE pane_ms < ?", [from_ms])
        self._forget_voices(from_ms, until_ms=panes[-1].until_ms)

    def _forget_voices(self, from_ms: int, until_ms: int) -> None:
        """Forget the voices of the panes before `from_ms`."""
        # Time may begin again, when a log is counted again or a clock was set back.
        if self._temporary and not 0 <= until_ms - self._rewritten_ms < self._window_ms:
            # DuckDB never frees the rows that are deleted from a temporary table.
            self._db.execute(
                f"CREATE OR REPLACE TEMP TABLE rising_window AS FROM rising_window WHERE pane_ms >= {from_ms}"
            )
            self._rewritten_ms = until_ms
        else:
            self._db.execute("DELETE FROM rising_window WHERE pane_ms < ?", [from_ms])

    def add_voices(self, panes: Sequence[PaneFacts]) -> None:
        """Add the voices of panes, whose authors are there."""
        voices = pa.concat_tables([self._numbered(facts) for facts in panes])
        if voices.num_rows:
            with self._registered(voices.append_column("hash", self._hashes(voices["key"]))):
                self._db.execute(_ADD_VOICES)

    def _hashes(self, keys: pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
        """The hashes of tags. Each tag is hashed once: a tag has many rows."""
        coded = keys.combine_chunks().dictionary_encode()
        if len(coded.dictionary) <= FEW_TAGS:
            return pa.array(map(hash_of, coded.dictionary.to_pylist()), pa.uint64()).take(coded.indices)
        with self._registered(pa.table({"key": coded.dictionary})):
            found = self._db.execute(f"SELECT {HASH} AS hash FROM pane_voices").to_arrow_table()  # noqa: S608
        return found["hash"].take(coded.indices)

    def _numbered(self, facts: PaneFacts) -> pa.Table:
        """The voices of a pane, at most `MOST_VOICES`, with the beginning of the pane and the number of the row."""
        voices = facts.voices
        if voices.num_rows > MOST_VOICES:
            with self._registered(voices):
                voices = self._db.execute(_BOUND, {"most": MOST_VOICES}).to_arrow_table()
        numbers = array("q", range(voices.num_rows))
        pane_ms = pa.scalar(facts.until_ms - self._pane_ms, pa.int64())
        return voices.append_column("pane_ms", pa.repeat(pane_ms, voices.num_rows)).append_column(
            "number", pa.Array.from_buffers(pa.int64(), voices.num_rows, [None, pa.py_buffer(numbers)])
        )

    @contextlib.contextmanager
    def _registered(self, voices: pa.Table) -> Iterator[None]:
        self._db.register("pane_voices", voices)
        try:
            yield
        finally:
            self._db.unregister("pane_voices")

    @staticmethod
    def _authors(facts: PaneFacts) -> list[tuple[str, str, int]]:
        """The source, the language, and the different authors of each facet of a pane."""
        if facts.authors is not None:
            return [(row["source"], row["lang"], row["authors"]) for row in facts.authors.to_pylist()]
        counted = facts.voices.group_by(["source", "lang"]).aggregate(
            [
                ("author", "count_distinct", CountOptions(mode="only_valid")),
                ("author", "count", CountOptions(mode="only_null")),
            ]
        )
        rows = zip(*(column.to_pylist() for column in counted.columns), strict=True)
        return [(source, lang, known + unknown) for source, lang, known, unknown in rows]

    def _add_authors(self, panes: Mapping[int, Sequence[tuple[str, str, int]]]) -> None:
        """Add the authors of the facets of panes, by their beginnings. New facets get the next numbers."""
        numbers = {(source, lang): facet for facet, source, lang in self._db.execute("FROM rising_facets").fetchall()}
        found: Counter[tuple[int, int]] = Counter()
        for pane_ms, rows in panes.items():
            for source, lang, authors in sorted(rows):
                facet = numbers.get((source, lang))
                if facet is None and len(numbers) < MOST_FACETS:
                    facet = numbers[source, lang] = len(numbers) + 1
                    self._db.execute("INSERT INTO rising_facets VALUES (?, ?, ?)", [facet, source, lang])
                if facet is not None:
                    found[pane_ms, facet] += authors
        if found:
            values = ", ".join(
                f"({pane_ms}, {facet}, {authors})" for (pane_ms, facet), authors in sorted(found.items())
            )
            self._db.execute(f"INSERT INTO rising_authors VALUES {values}")  # noqa: S608 - numbers

    def authors(self, until_ms: int) -> dict[int, tuple[int, int]]:
        """Return the authors of each facet in the window that ends at `until_ms`, and in its newest part.

        They are added up from those of the panes.
        """
        rows = self._db.execute(
            "SELECT facet, sum(authors)::BIGINT, coalesce(sum(authors) FILTER (pane_ms >= ?), 0)::BIGINT"
            " FROM rising_authors GROUP BY facet",
            [until_ms - self._recent_ms],
        ).fetchall()
        return {facet: (authors, recent) for facet, authors, recent in rows}

    def candidates(self, until_ms: int, facets: Sequence[int], least_posts: int) -> list[Candidate]:
        """Return the tags that may rise.

        Args:
            until_ms: The end of the window.
            facets: Only posts of these facets are counted.
            least_posts: A tag with fewer posts in the window is not looked at.

        """
        newest = {"newest": until_ms - self._pane_ms, "recent": until_ms - self._recent_ms}
        rows = self._db.execute(_CANDIDATES, newest | {"facets": list_of(facets), "least": least_posts}).fetchall()
        return [Candidate(*row) for row in rows]

    def since_ms(self, expected: Mapping[int, float], until_ms: int) -> dict[int, int]:
        """Return the beginnings of rises: the pane from which on the voices of a tag say most clearly that it rises.

        It has the greatest logarithm of a likelihood ratio: voices with the rate that they have from there on, against
        the usual rate (a scan statistic for Poisson counts; Kulldorff: A spatial scan statistic, 1997).

        Args:
            expected: By the hash of a tag, more than its usual voices in a window. They come in each pane as the
                authors of the stream do.
            until_ms: The end of the window.

        """
        if not expected:
            return {}
        panes = self._db.execute(_PANES).fetchall()
        rows = self._db.execute(_VOICES_OF_PANES, {"tags": list_of(expected)}).fetchall()
        voices = {(tag, pane_ms): count for tag, pane_ms, count in rows}
        total = max(1, sum(authors for _, authors in panes))
        since: dict[int, int] = {}
        for tag, usual_voices in expected.items():
            best, since[tag], found, usual = 0.0, until_ms - self._pane_ms, 0, 0.0
            for pane_ms, authors in panes:
                found, usual = found + voices.get((tag, pane_ms), 0), usual + usual_voices * authors / total
                evidence = found * log(found / usual) - (found - usual) if found > usual > 0 else 0.0
                if evidence > best:
                    best, since[tag] = evidence, int(pane_ms)
        return since
