"""A thread that adds up the pairs of the window when a pane has closed, so that no snapshot waits for it."""

import logging
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import duckdb
from msgspec import UNSET, structs

from spark_job.executor.messages import from_message
from spark_job.mute.mute_list import MuteList
from spark_job.panel_schema import PAIRS, Pairs, Together
from spark_job.samples.wanted import wanted_tags
from spark_job.snapshot_schema import Snapshot
from spark_job.state.reader import ClosedError, Reader
from spark_job.tag_hash import hash_of
from spark_job.together.topics import authors_of, group
from spark_job.together.window_pairs import WindowPairs

logger = logging.getLogger(__name__)

#: How often it looks for a pane that has closed, and for tags that lead now and did not before.
PAUSE_SECONDS = 1.0
#: Tags that lead now and did not before wait for so many looks.
LOOKS_UNTIL_NEW = 2
#: With a greater backlog it waits: panes close many times a second then, and counting needs the time.
MOST_LAG = 20_000

POSITION = "SELECT epoch, closed_until_ms FROM progress"
POSTS = """
SELECT key, sum(posts)::BIGINT FROM pane_counts
WHERE pane_ms >= ? AND pane_ms < ? AND hash IN (SELECT unnest(?::UBIGINT[])) GROUP BY key
"""
LABELS = """
SELECT key, first(label ORDER BY posts DESC, label) FROM (
  SELECT key, label, sum(posts) AS posts FROM pane_counts
  WHERE pane_ms >= ? AND pane_ms < ? AND hash IN (SELECT unnest(?::UBIGINT[])) GROUP BY key, label)
GROUP BY key
"""
#: For each tag the others that are most often in the same posts. A muted tag is no other one.
BEST = f"""
WITH shown AS (SELECT key AS tag, other AS key, sum(posts)::BIGINT AS posts FROM together GROUP BY ALL)
SELECT tag, key, posts FROM shown WHERE NOT {{}}
QUALIFY row_number() OVER (PARTITION BY tag ORDER BY posts DESC, key) <= {PAIRS} ORDER BY tag, posts DESC, key
"""  # noqa: S608 - put together from constants
AMONG = """
SELECT key, other, sum(posts)::BIGINT FROM together
WHERE list_contains($keys, key) AND list_contains($keys, other) GROUP BY key, other
"""
USES = "SELECT uses FROM pane_uses WHERE pane_ms >= ? AND pane_ms < ?"


class PairsWatcher:
    """The thread."""

    def __init__(self, reader: Reader, window_ms: int, muted: Callable[[], MuteList]) -> None:
        self._reader = reader
        self._window_ms = window_ms
        self._muted = muted
        self._pairs = WindowPairs()
        self._snapshot: Snapshot | None = None
        self._done: tuple[int, int, MuteList] | None = None
        self._known: set[str] = set()
        self._grouped: set[str] = set()
        self._looks = 0
        self._stopped = threading.Event()
        self._newest: tuple[int, Together] | None = None

    def start(self) -> None:
        """Start the thread."""
        threading.Thread(target=self._run, name="pairs", daemon=True).start()

    def stop(self) -> None:
        """End it."""
        self._stopped.set()

    def newest(self, epoch: int) -> Together | None:
        """What was found last. None if that was in another epoch."""
        newest = self._newest
        return newest[1] if newest is not None and newest[0] == epoch else None

    def note(self, snapshot: Snapshot) -> None:
        """Note the newest snapshot: which tags lead."""
        self._snapshot = snapshot

    def _run(self) -> None:
        while not self._stopped.wait(PAUSE_SECONDS):
            self.look()

    def look(self) -> None:
        """Add up the pairs if a pane has closed, or if other tags lead."""
        snapshot = self._snapshot
        if snapshot is None or snapshot.health.lag_posts > MOST_LAG:
            return
        self._looks += 1
        try:
            with self._reader.cursor() as db:
                self._look(db, snapshot)
        except ClosedError:
            return
        except duckdb.Error as error:
            logger.debug("pairs can't be read now: %s", type(error).__name__)
            self._done = None

    def _look(self, db: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
        row = db.execute(POSITION).fetchone()
        if row is None or not row[1]:
            return
        (epoch, until_ms), muted = row, self._muted()
        lasting, passing = wanted_tags(snapshot)
        if self._done != (epoch, until_ms, muted) or self._newest is None:
            self._add_up(db, snapshot, row, muted, [*lasting, *passing])
        # Tags that lead in the last micro-batch alone change each second: they wait for the next pane.
        elif self._looks >= LOOKS_UNTIL_NEW and not self._known.issuperset(lasting):
            new = [key for key in lasting if key not in self._known]
            self._add_new(db, snapshot, self._newest[1], new, {*lasting, *passing})

    def _add_up(
        self,
        db: duckdb.DuckDBPyConnection,
        snapshot: Snapshot,
        position: tuple[int, int],
        muted: MuteList,
        keys: Sequence[str],
    ) -> None:
        """A pane has closed, or other tags are muted: find everything."""
        epoch, until_ms = position
        if self._done is None or self._done[0] != epoch:
            self._pairs.forget()
        self._pairs.update(db, until_ms - self._window_ms, until_ms)
        pairs = Pairs(at_ms=until_ms, is_exact=self._pairs.is_exact, of=self._best(db, until_ms, keys, muted))
        self._known = {*keys}
        self._newest = epoch, Together(pairs, self._group(db, until_ms, _leaders(snapshot)))
        self._done, self._looks = (epoch, until_ms, muted), 0

    def _add_new(
        self,
        db: duckdb.DuckDBPyConnection,
        snapshot: Snapshot,
        found: Together,
        new: Sequence[str],
        wanted: set[str],
    ) -> None:
        """Other tags lead: find only what they need, and forget the tags that don't lead any more."""
        if self._done is None:
            return
        epoch, until_ms, muted = self._done
        held = {key: others for key, others in found.pairs.of.items() if key in wanted}
        pairs = structs.replace(found.pairs, of=held | self._best(db, until_ms, new, muted))
        leaders, topics = _leaders(snapshot), found.topics
        if not self._grouped.issuperset(leaders):
            topics = self._group(db, until_ms, leaders)
        self._known = self._known.intersection(wanted).union(new)
        self._newest, self._looks = (epoch, Together(pairs, topics)), 0

    def _best(
        self, db: duckdb.DuckDBPyConnection, until_ms: int, keys: Sequence[str], muted: MuteList
    ) -> dict[str, list[tuple[str, str, int]]]:
        db.register("together", self._pairs.of(keys))
        best: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for key, other, posts in db.execute(BEST.format(muted.condition())).fetchall():
            best[key].append((other, posts))
        others = {other for some in best.values() for other, _ in some}
        labels = _of_tags(db, LABELS, others, (until_ms - self._window_ms, until_ms))
        return {key: [(other, str(labels.get(other, other)), n) for other, n in some] for key, some in best.items()}

    def _group(self, db: duckdb.DuckDBPyConnection, until_ms: int, leaders: Sequence[str]) -> list[list[str]]:
        db.register("together", self._pairs.of(leaders))
        self._grouped = {*leaders}
        return _topics(db, leaders, (until_ms - self._window_ms, until_ms))


def _topics(db: duckdb.DuckDBPyConnection, keys: Sequence[str], span: tuple[int, int]) -> list[list[str]]:
    panes = [from_message(message) for (message,) in db.execute(USES, span).fetchall()]
    posts = {key: int(count) for key, count in _of_tags(db, POSTS, {*keys}, span).items()}
    together: dict[str, Counter[str]] = {key: Counter() for key in keys}
    for key, other, both in db.execute(AMONG, {"keys": [*keys]}).fetchall():
        together[key][other] = both
    return group(keys, posts, together, authors_of(panes, keys))


def _of_tags(db: duckdb.DuckDBPyConnection, sql: str, keys: set[str], span: tuple[int, int]) -> dict[str, str | int]:
    return dict(db.execute(sql, [*span, [hash_of(key) for key in keys]]).fetchall()) if keys else {}


def _leaders(snapshot: Snapshot) -> list[str]:
    """The leading tags of the window, by posts and then by authors."""
    window = snapshot.window
    by_authors = [] if window.by_authors is UNSET else window.by_authors
    return [*dict.fromkeys(tag.key for tag in (*window.top, *by_authors))]
