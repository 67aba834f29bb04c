"""Close panes: add their rows to the final counts and the totals, and make their summaries.

A summary has the leaders of the pane, and those of the window that ended with it.
"""

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from spark_job.alerts.alerts import Alerts
from spark_job.snapshot_schema import LEADERS
from spark_job.state.coverage import Uncounted
from spark_job.state.ended_windows import fill_ended_windows
from spark_job.state.muted_tags import MutedTags
from spark_job.state.open_hours import OpenHours
from spark_job.state.pane_pairs import PanePairs
from spark_job.state.progress import Progress
from spark_job.state.rising_lists import RisingLists
from spark_job.state.sql import CHANGED, run_script
from spark_job.state.tag_uses import OpenUses
from spark_job.state.taken_back import WHOLE, TakenBack
from spark_job.state.window_people import WindowPeople, write_people

HISTORY_MS = 86_400_000
#: Ingest's name for the source that reads a file.
REPLAY = "replay"

FOLD = f"""
{CHANGED};
{{}}
SELECT pane_ms, source, lang, key, label, hash, sum(posts)::BIGINT AS posts, min(first_at_ms) AS first_at_ms
FROM open_counts WHERE pane_ms < $until GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE closing_tags AS
  SELECT key, hash, arg_max(label, (posts, -rank)) AS label, sum(posts)::BIGINT AS posts,
    min(first_at_ms) AS first_at_ms
  FROM (SELECT key, hash, label, sum(posts) AS posts, min(first_at_ms) AS first_at_ms,
               row_number() OVER (PARTITION BY key ORDER BY label) AS rank
        FROM closing WHERE key IS NOT NULL GROUP BY key, hash, label)
  GROUP BY key, hash;
INSERT INTO pane_counts SELECT pane_ms, source, lang, key, label, posts, hash FROM closing;
DELETE FROM open_counts WHERE pane_ms < $until;
"""  # noqa: S608 - put together from constants
#: If panes close that were never open, their rows are in the table already.
FOLD_OPEN, FOLD_MORE = (
    FOLD.format(into) for into in ("CREATE OR REPLACE TEMP TABLE closing AS", "INSERT INTO closing")
)

#: The totals of the closing tags are deleted, and written again at the end of the table. The tags of a pane lie all
#: over the table, so an update in place would write the whole table with each pane.
TAKE_TOTALS = """
DELETE FROM totals WHERE hash IN (SELECT hash FROM closing_tags) RETURNING key, label, posts, first_seen_ms, hash
"""

#: Two tags may have the same hash. The one that is not closing gets its old values back.
INSERT_TOTALS = """
CREATE OR REPLACE TEMP TABLE written_totals AS
SELECT key, arg_max(label, is_new) AS label, sum(posts)::BIGINT AS posts, min(first_seen_ms) AS first_seen_ms, hash
FROM (SELECT *, false AS is_new FROM taken_totals
      UNION ALL SELECT key, label, posts, first_at_ms, hash, true AS is_new FROM closing_tags)
GROUP BY hash, key;
INSERT INTO totals FROM written_totals;
INSERT INTO changed_tags SELECT hash, key, label, posts, first_seen_ms FROM written_totals
"""

#: Sums by hash say which tags can lead: to sum by key takes twice as long.
SUMMARISE = f"""
CREATE OR REPLACE TEMP TABLE summaries AS
WITH panes AS (
  SELECT pane_ms FROM closing UNION SELECT range AS pane_ms FROM range($since, $until, $pane)),
counts AS NOT MATERIALIZED (
  SELECT pane_ms, key, label, posts, hash FROM pane_counts SEMI JOIN panes USING (pane_ms) WHERE pane_ms >= $oldest),
sums AS MATERIALIZED (
  SELECT pane_ms, hash, sum(posts)::BIGINT AS posts FROM counts
  WHERE hash IS NOT NULL AND hash NOT IN (SELECT hash FROM muted_tags) GROUP BY pane_ms, hash),
places AS (SELECT pane_ms, max(posts, {LEADERS})[-1] AS place FROM sums GROUP BY pane_ms),
best AS (SELECT pane_ms, hash FROM sums JOIN places USING (pane_ms) WHERE posts >= place),
spelled AS (
  SELECT pane_ms, key, label, sum(posts) AS posts FROM counts SEMI JOIN best USING (pane_ms, hash)
  GROUP BY pane_ms, key, label),
leaders AS (
  SELECT pane_ms, key, sum(posts)::BIGINT AS posts, first(label ORDER BY posts DESC, label) AS label
  FROM spelled GROUP BY pane_ms, key
  QUALIFY row_number() OVER (PARTITION BY pane_ms ORDER BY sum(posts) DESC, key) <= {LEADERS})
SELECT p.pane_ms,
  coalesce((SELECT sum(posts) FROM pane_counts c WHERE c.hash IS NULL AND c.pane_ms = p.pane_ms), 0)::BIGINT AS posts,
  to_json(coalesce((SELECT list({{'key': key, 'label': label, 'posts': posts}} ORDER BY posts DESC, key)
                    FROM leaders l WHERE l.pane_ms = p.pane_ms), [])) AS top
FROM panes p
"""  # noqa: S608

TAKE_SUMMARIES = """
DELETE FROM closed_panes WHERE epoch = ? AND from_ms IN (SELECT pane_ms FROM summaries) RETURNING from_ms, rising
"""
PANE_LISTS = pa.schema([("pane_ms", pa.int64()), ("rising", pa.string())])
CLOSE = """
INSERT INTO closed_panes
SELECT $epoch, s.pane_ms, s.pane_ms + $pane, s.posts, s.top, CASE WHEN NOT list_contains($unknown, s.pane_ms) THEN
  to_json({'from_ms': s.pane_ms - $reach, 'posts': coalesce(w.posts, 0), 'top': coalesce(w.top, []),
           'sources': list_concat($replayed, coalesce(w.sources, [])),
           'counted_from_ms': greatest(s.pane_ms - $reach, coalesce($began, 0))}) END, l.rising
FROM summaries s LEFT JOIN ended_windows w USING (pane_ms) LEFT JOIN pane_lists l USING (pane_ms)
"""

#: Drops the rarest tags. Among equally rare ones, the newest go first.
DROP_RAREST = """
CREATE OR REPLACE TEMP TABLE dropped AS
  SELECT hash, key, posts FROM totals ORDER BY posts, first_seen_ms DESC, key DESC LIMIT $surplus;
DELETE FROM totals WHERE (hash, key) IN (SELECT (hash, key) FROM dropped);
UPDATE progress SET dropped_tags = dropped_tags + (SELECT count(*) FROM dropped),
  dropped_posts = dropped_posts + coalesce((SELECT sum(posts) FROM dropped), 0);
"""


class PaneCloser:
    """Closes panes on a given connection, inside the caller's transaction.

    `max_tags`: the most tags of the totals.
    """

    def __init__(self, pane_ms: int, window_ms: int, max_tags: int, muted: MutedTags, alerts: Alerts) -> None:
        self._alerts = alerts
        self._pane_ms = pane_ms
        self._window_ms = window_ms
        self._max_tags = max_tags
        self._muted = muted
        #: The deleted posts, the pairs of tags, the hours. The state sets them when it has opened the file.
        self.taken_back: TakenBack
        self.pairs: PanePairs
        self.hours: OpenHours
        #: Whether posts come from a file. Such posts have the source names of the file.
        self.replayed = False
        #: How often late posts were added to panes that had closed before.
        self.corrections = 0
        self.people = WindowPeople(pane_ms, window_ms, muted)
        self._tags: int | None = None

    def forget(self) -> None:
        """Read the tables again: a transaction was rolled back, or they were changed elsewhere."""
        self._tags = None
        self.people.forget()
        self.hours.forget_cached()
        self._alerts.forget_cached()

    def total_tags(self, db: duckdb.DuckDBPyConnection) -> int:
        """The tags of the totals. They are counted once, because DuckDB scans for it what was deleted."""
        if self._tags is None:
            ((self._tags,),) = db.execute("SELECT count(*) FROM totals").fetchall()
        return self._tags

    def close(
        self,
        db: duckdb.DuckDBPyConnection,
        uses: OpenUses,
        rising: RisingLists,
        progress: Progress,
        watermark_ms: int,
        whole: Sequence[int] = (),
    ) -> bool:
        """Close every pane that ended by `watermark_ms`, and return whether there was one.

        `whole`: the starts of the panes that were never open, see `insert_rows`.
        """
        epoch, closed_until_ms = progress.epoch, progress.closed_until_ms
        until = watermark_ms - watermark_ms % self._pane_ms
        if until <= closed_until_ms:
            return False
        oldest = min([self._oldest(db, until), *whole])
        if oldest < closed_until_ms:
            self.corrections += 1
        since = closed_until_ms or oldest
        run_script(db, FOLD_MORE if whole else FOLD_OPEN, {"until": until})
        self._muted.note_closing()
        self._add_to_totals(db)
        since = max(since, until - HISTORY_MS // self._pane_ms * self._pane_ms)
        lists = rising.close(uses, closed_until_ms, until)
        self._summarise(db, epoch, min(oldest, since), since, until, lists)
        self._alerts.evaluate(epoch, since, until, lists)
        moved = self._count_people(db, uses, epoch, closed_until_ms, until)
        self.hours.close(epoch, (oldest, closed_until_ms, until), moved, Uncounted(db))
        db.execute("DELETE FROM pane_counts WHERE pane_ms < ?", [until - 2 * self._window_ms - self._pane_ms])
        self.taken_back.forget_before(until - 2 * self._window_ms - self._pane_ms)
        self.pairs.forget_before(until - self._window_ms)
        db.execute("UPDATE progress SET closed_until_ms = ?", [until])
        self._bound_totals(db)
        return True

    def _add_to_totals(self, db: duckdb.DuckDBPyConnection) -> None:
        before = self.total_tags(db)
        taken = db.execute(TAKE_TOTALS).to_arrow_table()
        db.register("taken_totals", taken)
        try:
            run_script(db, INSERT_TOTALS, {})
        finally:
            db.unregister("taken_totals")
        ((written,),) = db.execute("SELECT count(*) FROM written_totals").fetchall()
        self._tags = before + written - len(taken)

    def _oldest(self, db: duckdb.DuckDBPyConnection, until: int) -> int:
        ((oldest,),) = db.execute("SELECT min(pane_ms) FROM open_counts").fetchall()
        return until if oldest is None else min(int(oldest), until)

    def _summarise(
        self,
        db: duckdb.DuckDBPyConnection,
        epoch: int,
        oldest: int,
        since: int,
        until: int,
        lists: Mapping[int, str],
    ) -> None:
        """Summarise the panes from `since` on, and older ones to which late posts were added.

        `oldest`: the first; `lists`: the lists of rising tags. A pane that had one before and has no new one keeps it.
        """
        db.execute(SUMMARISE, {"oldest": oldest, "since": since, "until": until, "pane": self._pane_ms})
        reach = self._window_ms - self._pane_ms
        unknown = fill_ended_windows(db, reach, until - self._pane_ms)
        lists = {**dict(db.execute(TAKE_SUMMARIES, [epoch]).fetchall()), **lists}
        replayed = [REPLAY] if self.replayed else []
        parameters = {"reach": reach, "unknown": unknown, "replayed": replayed, "began": Uncounted(db).began_ms()}
        db.register("pane_lists", pa.table([[*lists], [*lists.values()]], PANE_LISTS))
        try:
            db.execute(CLOSE, {"epoch": epoch, "pane": self._pane_ms, **parameters})
        finally:
            db.unregister("pane_lists")
        db.execute("DELETE FROM closed_panes WHERE to_ms <= ?", [until - HISTORY_MS])

    def _count_people(
        self, db: duckdb.DuckDBPyConnection, uses: OpenUses, epoch: int, closed_until_ms: int, until: int
    ) -> dict[int, pa.Table]:
        """Move the people of the closing panes into the window, add them to its summaries, and return their uses."""
        moved = uses.close(until, until - self._window_ms)
        # Of windows that began before, uses are forgotten.
        known_ms = closed_until_ms - self._pane_ms if closed_until_ms else 0
        windows = db.execute("SELECT pane_ms, top FROM ended_windows WHERE pane_ms >= ?", [known_ms]).fetchall()
        wanted = {pane_ms: [(WHOLE, tag["key"]) for tag in top] for pane_ms, top in windows}
        for pane_ms, tags in self._alerts.fired_tags(known_ms).items():
            wanted.setdefault(pane_ms, []).extend(tags)
        is_late = any(at_ms < closed_until_ms for at_ms in moved)
        if is_late or self.people.until_ms != closed_until_ms:
            everything = uses.closed(0, until) | moved
            ended = self.people.move(everything, until, wanted, is_all=True)
        else:
            ended = self.people.move(moved, until, wanted)
        self._alerts.store({pane_ms: people.of_tags for pane_ms, people in ended.items()})
        reach_ms = self._window_ms - self._pane_ms
        write_people(
            db, epoch, ended, lambda pane_ms, key: self.taken_back.posts(WHOLE, key, pane_ms - reach_ms, pane_ms)
        )
        return moved

    def _bound_totals(self, db: duckdb.DuckDBPyConnection) -> None:
        tags = self.total_tags(db)
        if tags > self._max_tags:
            # Drop a tenth more than necessary, so that this does not happen with each pane.
            run_script(db, DROP_RAREST, {"surplus": tags - self._max_tags + self._max_tags // 10})
            self._tags = None
