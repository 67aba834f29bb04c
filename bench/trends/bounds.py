"""`python -m bench.trends --bounds`: what the detector costs when its tables are as large as they may become."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import duckdb
import pyarrow as pa

from bench.table import markdown
from bench.trends.stream import DAY_MS, PANE_MS, START_MS, WINDOW_MS
from spark_job.executor.tag_uses import USES_PER_PANE
from spark_job.rising.detector import Detector
from spark_job.rising.facts import VOICES_ARROW, PaneFacts
from spark_job.rising.slots import DAYS

#: 400 posts/s with 0.7 hashtags each, in 40 facets.
ROWS, TAGS, LANGUAGES = 2_800, 100_000, 20
#: The largest pane that the job gives, of a stream with a million tags.
LARGE_ROWS, LARGE_TAGS = USES_PER_PANE, 1_000_000
#: A slot has ratios when others before it have ended a while ago.
LEARNED_SLOTS = 6
SLOTS_OF_A_DAY = DAY_MS // WINDOW_MS
_VOICES = """
SELECT CASE WHEN random() < 0.7 THEN 'bluesky' ELSE 'mastodon' END AS source,
  'l' || floor(pow(random(), 2) * $languages)::INTEGER AS lang, 't' || floor(exp(random() * ln($tags)))::BIGINT AS key,
  hash(random()) AS author, hash(random()) AS text, 1::BIGINT AS posts
FROM range($rows)
"""
_EACH_TAG = """
SELECT 'bluesky' AS source, 'l0' AS lang, 't' || (range * 7919 % $tags) AS key, hash(range) AS author,
  hash(range, 1) AS text, 1::BIGINT AS posts
FROM range($rows)
"""
#: The stored slot once for each slot of a day, or of a week.
_REPEAT = (
    "INSERT INTO {table} SELECT slot_ms - step.unnest, {table}.* EXCLUDE (slot_ms) FROM {table}, unnest($steps) step"
)


def _panes(source: duckdb.DuckDBPyConnection, from_ms: int, count: int) -> Iterator[PaneFacts]:
    for number in range(count):
        found = source.execute(_VOICES, {"languages": LANGUAGES, "tags": TAGS, "rows": ROWS}).to_arrow_table()
        yield PaneFacts(from_ms + (number + 1) * PANE_MS, found.cast(VOICES_ARROW))


def _large(source: duckdb.DuckDBPyConnection) -> pa.Table:
    return source.execute(_EACH_TAG, {"tags": LARGE_TAGS, "rows": LARGE_ROWS}).to_arrow_table().cast(VOICES_ARROW)


def _open(path: Path) -> tuple[duckdb.DuckDBPyConnection, Detector]:
    db = duckdb.connect(str(path), config={"threads": 1})
    return db, Detector(db, pane_ms=PANE_MS, window_ms=WINDOW_MS)


def _fill(db: duckdb.DuckDBPyConnection) -> None:
    """Repeat the newest slot, as if each one of a day, and the habits of a week, were like it."""
    db.execute("CREATE TEMP TABLE newest AS SELECT max(slot_ms) AS slot_ms FROM rising_slots")
    day = [number * WINDOW_MS for number in range(1, SLOTS_OF_A_DAY + 3)]
    week = [number * WINDOW_MS for number in range(1, DAYS * SLOTS_OF_A_DAY)]
    for table, steps in (
        ("rising_slots", day),
        ("rising_ratios", day),
        ("rising_slot_authors", week),
        ("rising_habits", week),
    ):
        db.execute(f"DELETE FROM {table} WHERE slot_ms < (SELECT slot_ms FROM newest)")  # noqa: S608 - names above
        db.execute(_REPEAT.format(table=table), {"steps": steps})


def _milliseconds(db: duckdb.DuckDBPyConnection, detector: Detector, facts: PaneFacts) -> float:
    since = time.process_time()
    db.begin()
    detector.add_pane(facts)
    db.commit()
    return 1000 * (time.process_time() - since)


def _state(path: Path, source: duckdb.DuckDBPyConnection, slots: int) -> dict[str, int]:
    """Make a state file with full tables that ends with this many learned slots. Return its rows."""
    db, detector = _open(path)
    detector.learn_all([*_panes(source, START_MS, slots * (WINDOW_MS // PANE_MS))])
    _fill(db)
    tables = ("rising_slots", "rising_habits", "rising_ratios")
    rows = {table: db.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in tables}  # noqa: S608
    db.close()
    return rows


def measure() -> list[str]:
    """Return the figures as a Markdown table."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(config={"threads": 1}) as source:
        path = Path(folder) / "state.duckdb"
        rows = _state(path, source, LEARNED_SLOTS)
        file_bytes = path.stat().st_size
        db, detector = _open(path)

        def take(from_ms: int, count: int) -> list[float]:
            return [_milliseconds(db, detector, facts) for facts in _panes(source, from_ms, count)]

        # The first pane of a slot: the slot before is stored, and what is usual is prepared for this one.
        now_ms = START_MS + LEARNED_SLOTS * WINDOW_MS
        first, *others = take(now_ms, WINDOW_MS // PANE_MS)
        now_ms += WINDOW_MS
        (second,) = take(now_ms, 1)
        large = _milliseconds(db, detector, PaneFacts(now_ms + 2 * PANE_MS, _large(source)))
        after = take(now_ms + 2 * PANE_MS, 9)
        memory_bytes = db.execute("SELECT sum(memory_usage_bytes)::BIGINT FROM duckdb_memory()").fetchall()[0][0]
        db.close()
    figures = {
        "file of the state": f"{file_bytes / 1e6:.0f} MB",
        "memory of DuckDB": f"{memory_bytes / 1e6:.0f} MB",
        f"a pane of {ROWS:,} rows, median": f"{median(others):.0f} ms",
        "the first pane after a restart": f"{first:.0f} ms",
        "the first pane of a slot": f"{second:.0f} ms",
        f"a pane of {LARGE_ROWS:,} rows, each with another tag": f"{large:.0f} ms",
        "the panes after it, median": f"{median(after):.0f} ms",
    }
    counts = {f"rows of `{table}`": f"{count:,}" for table, count in rows.items()}
    return markdown([("at the bounds", "measured"), *counts.items(), *figures.items()])
