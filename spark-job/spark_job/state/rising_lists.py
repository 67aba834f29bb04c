"""The lists of rising tags: the detector learns the panes that close, and each gets the list as it was at its end.

All of it happens in the transaction that closes the panes. So the past of each tag belongs to the stored offset: a
micro-batch that is counted again after an error is learned once.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import duckdb
import msgspec

from spark_job.rising.detector import Detector
from spark_job.rising.facts import PaneFacts
from spark_job.rising.rises import HeldBack as Held
from spark_job.rising.rises import Rising as Found
from spark_job.rising.rises import RisingTag as Rise
from spark_job.rising.verdict import Rules
from spark_job.rising_schema import TOPIC_TAGS, HeldBack, Rising, RisingTag, Topic
from spark_job.state.sql import rows_of
from spark_job.tag_hash import hash_of

SCHEMA = "CREATE TABLE IF NOT EXISTS newest_rising (rising VARCHAR);"
#: The most lists of panes that close at once. Of more panes, only every n-th gets a list, and the others are only
#: learned, so that catching up is fast.
LISTS_AT_ONCE = 6
#: The most panes that are in memory to be learned together.
PANES_TOGETHER = 300

LABELS = """
SELECT key, first(label ORDER BY posts DESC, label) FROM (
  SELECT key, label, sum(posts) AS posts FROM pane_counts
  WHERE {} AND pane_ms >= $from AND pane_ms < $until GROUP BY key, label)
GROUP BY key
"""

_decoder = msgspec.json.Decoder(Rising)


class Uses(Protocol):
    """The uses of tags in the open panes."""

    def starts(self, until_ms: int, /) -> Sequence[int]:
        """The starts of the panes before `until_ms` that have uses, sorted."""

    def facts(self, pane_ms: int, /) -> PaneFacts:
        """What the detector learns of a pane."""


class RisingLists:
    """Fills the lists. Its methods are called inside the transactions of `State`, except `newest`."""

    def __init__(
        self,
        db: duckdb.DuckDBPyConnection,
        pane_ms: int,
        window_ms: int,
        rules: Rules,
        learned: Sequence[PaneFacts] = (),
        hides: Callable[[str], bool] = lambda _: False,
        needs_each: Callable[[], bool] = lambda: False,
    ) -> None:
        """Call it outside of a transaction: it may create the tables of the detector.

        Args:
            db: The state.
            pane_ms: Length of a pane.
            window_ms: Length of the window.
            rules: The settings of the detector.
            learned: The closed panes of the window.
            hides: Whether a tag is muted, so that no list has it.
            needs_each: Whether each pane that closes needs its list, also when many close at once.

        """
        self._db = db
        self._pane_ms = pane_ms
        self._hides = hides
        self._needs_each = needs_each
        self._window_ms = window_ms
        self._detector = Detector(db, pane_ms=pane_ms, window_ms=window_ms, rules=rules, stores_window=False)
        self._detector.restore(learned)
        self._newest: Rising | None = None
        self._is_read = False

    def forget_cached(self) -> None:
        """Read the newest list again: a transaction was rolled back."""
        self._is_read = False

    def newest(self) -> Rising | None:
        """The list of the newest closed pane. None before the first pane of an epoch has closed."""
        if not self._is_read:
            rows = self._db.execute("SELECT rising FROM newest_rising").fetchall()
            self._newest = _decoder.decode(rows[0][0]) if rows else None
            self._is_read = True
        return self._newest

    def begin_epoch(self, *, same_log: bool) -> None:
        """Begin with a new epoch, whose panes may have any time.

        Of the same log, the past before the first pane that comes stays. Another log has other authors and perhaps
        other terms: nothing stays.
        """
        if same_log:
            self._detector.begin_again()
        else:
            self._detector.forget()
        self._store_newest(None)

    def close(self, uses: Uses, since_ms: int, until_ms: int) -> dict[int, str]:
        """Learn the panes that close.

        Args:
            uses: The uses of tags in the open panes.
            since_ms: The end of the last closed pane, 0 if none. Late posts of panes before are not learned: the
                lists of these panes are made.
            until_ms: The end of the newest pane that closes.

        Returns:
            The lists as JSON, by the starts of the panes that have one. The newest pane always has one.

        """
        starts = [start for start in uses.starts(until_ms) if start >= since_ms]
        looked_at = self._looked_at(starts, since_ms, until_ms)
        lists: dict[int, str] = {}
        waiting: list[PaneFacts] = []
        for start in sorted({*starts, *looked_at}):
            missing_ms = self._detector.missing_ms(start) if start in looked_at else 0
            is_learned_alone = start in looked_at and not missing_ms
            if is_learned_alone or len(waiting) == PANES_TOGETHER:
                self._detector.learn_all(waiting)
                waiting = []
            if is_learned_alone:
                newest = self._named(self._detector.add_pane(uses.facts(start), self._hides))
            else:
                waiting.append(uses.facts(start))
            if missing_ms:
                newest = self._named(Found(start + self._pane_ms, missing_ms=missing_ms))
            if start in looked_at:
                lists[start] = msgspec.json.encode(newest).decode()
        self._detector.learn_all(waiting)
        self._store_newest(newest)
        return lists

    def _looked_at(self, starts: Sequence[int], since_ms: int, until_ms: int) -> set[int]:
        """The starts of the panes that get a list."""
        newest = until_ms - self._pane_ms
        closing = range(since_ms or min([*starts, newest]), until_ms, self._pane_ms)
        if len(closing) <= LISTS_AT_ONCE or self._needs_each():
            return {*closing}
        panes = sorted({*starts, newest})
        # Counted from the newest pane, which always has a list. Division rounds away from 0 here.
        return {*panes[:: -len(panes) // LISTS_AT_ONCE]}

    def _store_newest(self, rising: Rising | None) -> None:
        self._db.execute("DELETE FROM newest_rising")
        if rising is not None:
            self._db.execute("INSERT INTO newest_rising VALUES (?)", [msgspec.json.encode(rising).decode()])
        self._newest, self._is_read = rising, True

    def _named(self, found: Found) -> Rising:
        """The list as it is sent, with the most frequent spelling of each tag in the window."""
        keys = {tag.key for topic in found.topics for tag in topic} | {held.key for held in found.held_back}
        labels = self._labels(keys, found.at_ms) if keys else {}
        return Rising(
            at_ms=found.at_ms,
            missing_ms=found.missing_ms,
            topics=[
                Topic(tags=[_tag(tag, labels.get(tag.key, tag.key)) for tag in topic[:TOPIC_TAGS]])
                for topic in found.topics
            ],
            held_back=[_held_back(held, labels.get(held.key, held.key)) for held in found.held_back],
        )

    def _labels(self, keys: Iterable[str], until_ms: int) -> dict[str, str]:
        hashes = ", ".join(str(hash_of(key)) for key in keys)
        window = {"from": until_ms - self._window_ms, "until": until_ms}
        return dict(self._db.execute(LABELS.format(rows_of("pane_counts", hashes)), window).fetchall())


def _tag(tag: Rise, label: str) -> RisingTag:
    leading = tag.leading
    return RisingTag(
        key=tag.key,
        label=label,
        posts=tag.posts,
        authors=tag.authors,
        voices=tag.voices,
        expected=round(tag.expected, 3),
        spread=round(tag.spread, 3),
        times=round(tag.times, 2),
        score=round(tag.score, 2),
        since_ms=tag.since_ms,
        copies=round(tag.copies, 3),
        source=leading.source,
        source_part=round(leading.source_part, 3),
        lang=leading.lang,
        lang_part=round(leading.lang_part, 3),
        new=tag.new,
        peak_voices=tag.peak_voices,
        peak_ms=None if tag.new else tag.peak_ms,
        panes=[*tag.panes],
    )


def _held_back(held: Held, label: str) -> HeldBack:
    return HeldBack(key=held.key, label=label, posts=held.posts, authors=held.authors, texts=held.texts, why=held.why)
