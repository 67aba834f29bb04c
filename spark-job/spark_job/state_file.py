"""The DuckDB file of the state: opened, checked, and moved aside when it can't be read."""

import contextlib
import logging
from pathlib import Path

import duckdb

logger = logging.getLogger(__name__)


class StateInUseError(Exception):
    """Another process has the state file open."""


def open_file(path: Path, schema: str) -> duckdb.DuckDBPyConnection:
    """Open or create the file with its tables.

    Raises `StateInUseError` when another process has it, `duckdb.Error` when it can't be read or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        db = duckdb.connect(str(path))
    except duckdb.IOException as error:
        if "set lock" in str(error):
            raise StateInUseError(str(path)) from error
        raise
    # Tables of a few hundred thousand rows are not worth dividing: with two threads snapshots take as long, and use the
    # other core, which ingest and Spark need.
    db.execute("SET threads = 1")
    # So many rows are fetched by their number and not by a scan, see `contenders.rows_of`.
    db.execute("SET dynamic_or_filter_threshold = 500")
    # What isn't checkpointed is also held in memory; small steps keep both small. Still
    # smaller ones would come with each large commit, and cost as much as it.
    db.execute("SET checkpoint_threshold = '4MB'")
    # Rows of a pane are written two or three times within minutes: to look for the best compression each time takes a
    # quarter of a batch, and the file is small.
    db.execute("SET force_compression = 'uncompressed'")
    db.execute(schema)
    return db


def open_or_begin_anew(path: Path, schema: str, now_ms: int) -> tuple[duckdb.DuckDBPyConnection, str | None]:
    """Open the file; one that can't be read is moved aside and a new one begun.

    Returns the connection and one sentence about what was moved aside, or `None`. Every block is read once, so that a
    file that is broken somewhere shows it now and not in a week; blocks carry checksums.
    """
    db = None
    try:
        db = open_file(path, schema)
        _read_all(db)
    except duckdb.Error as error:
        if db is not None:
            with contextlib.suppress(duckdb.Error):
                db.close()
        if isinstance(error, duckdb.IOException) and "No space left" in str(error):
            raise
        return open_file(_aside(path, now_ms, error), schema), "the stored counts could not be read"
    return db, None


def _read_all(db: duckdb.DuckDBPyConnection) -> None:
    for (table,) in db.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall():
        db.execute(f'SELECT sum(hash(t)) FROM "{table}" t').fetchall()  # noqa: S608 - DuckDB's own list


def _aside(path: Path, now_ms: int, error: duckdb.Error) -> Path:
    """Give the file and its log other names; returns the path, which is free then."""
    for part in (path, path.with_name(path.name + ".wal")):
        if part.exists():
            part.rename(part.with_name(f"{part.name}.broken-{now_ms}"))
    reason = str(error).splitlines()[0]
    logger.warning("%s could not be read and was moved aside as %s.broken-%d: %s", path, path.name, now_ms, reason)
    return path
