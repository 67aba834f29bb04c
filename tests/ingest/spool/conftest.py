"""Fixtures and helpers of the tests of broken spools."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.ingest.conftest import MakePost, ManualClock, OpenSpool

from ingest.spool.clock import Clock
from ingest.spool.spool import Spool

#: Bytes of a page of the file.
PAGE = 16 * 1024


def lines_of(spool: Spool) -> list[bytes]:
    with spool.reader() as reader:
        return b"".join(reader.lines(reader.range(0, 10**9))).splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def fill(open_spool: OpenSpool, make_post: MakePost) -> Callable[[], str]:
    """Create a spool of 60 posts in 20 runs, most of which need three pages, and close it; return the log's id."""

    def fill_() -> str:
        spool = open_spool()
        for number in range(20):
            posts = [make_post(f"{number}-{part} " + "x" * 12_000) for part in range(3)]
            spool.append(posts, {"t": b"progress"})
        spool.ack(spool.log, 30)
        spool.close()
        return spool.log

    return fill_


def overwrite(file: Path, at: int, data: bytes) -> None:
    with file.open("r+b") as writing:
        writing.seek(at)
        writing.write(data)


def truncate(file: Path, size: int) -> None:
    os.truncate(file, size)


def open_in(folder: Path, manual_clock: ManualClock) -> Spool:
    return Spool(
        folder, Clock(manual_clock.wall_ms, manual_clock.monotonic_seconds), max_age_seconds=3600, max_bytes=2**30
    )


def make_older(file: Path, number: int) -> None:
    """Convert a closed spool to what a version of ingest with the format `number` would have written."""
    with closing(sqlite3.connect(file)) as db:
        db.executescript("DROP TABLE moved_runs; DROP TABLE changes")
        db.execute("ALTER TABLE log DROP COLUMN changes_end")
        for table, columns in (
            ()
            if number == 4
            else (
                ("log", ("salt", "salt_checksum")),
                ("runs", ("column_set", "columns_checksum", "columns")),
            )
        ):
            for column in columns:
                db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        if number == 2:
            db.execute("ALTER TABLE log ADD COLUMN session TEXT")
            db.execute("ALTER TABLE log ADD COLUMN session_first INTEGER NOT NULL DEFAULT 0")
            db.execute("ALTER TABLE log ADD COLUMN finished INTEGER NOT NULL DEFAULT 0")
        db.execute(f"PRAGMA user_version = {number}")
