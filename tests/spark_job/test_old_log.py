"""A spool that an older ingest wrote, served by the ingest of today: its longest lines end no query."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pyarrow as pa
from tests.spark_job.conftest import PANE_MS, T
from tests.spark_job.support.fake_ingest import post

from ingest.serve.ack_guard import AckGuard
from ingest.serve.listener import Listener
from ingest.serve.log_protocol import LogProtocol
from ingest.serve.status import Status
from ingest.spool.clock import Clock
from ingest.spool.file import insert_run
from ingest.spool.spool import Spool
from spark_job.executor.data_source import CountsReader, OffsetRange
from spark_job.executor.messages import unpack
from spark_job.state.store import State


def lines() -> list[bytes]:
    """Three usual posts, one of 6 MB with 150,000 tags, a tag of 2,000 characters, one of 10,000, and a torn line."""
    tags = [["A"], [f"abc{n}" for n in range(150_000)], ["b"], ["L" * 2_000], ["M" * 10_000], ["c"]]
    whole = [json.dumps({"offset": n} | post(labels, T + n)).encode() + b"\n" for n, labels in enumerate(tags)]
    return [*whole, b'{"offset": 6, "at_ms"\n']


def open_spool(folder: Path) -> Spool:
    return Spool(folder, Clock(lambda: T, lambda: 1.0), max_age_seconds=3_600, max_bytes=1 << 30)


def test_the_longest_lines_of_an_older_ingest_are_counted_or_skipped(tmp_path: Path, state: State) -> None:
    open_spool(tmp_path / "spool").close()
    with closing(sqlite3.connect(tmp_path / "spool" / "spool.sqlite")) as database, database:
        insert_run(database, 0, 4, (T, 1), b"".join(lines()[:4]))
        insert_run(database, 4, 3, (T, 1), b"".join(lines()[4:]))
    spool = open_spool(tmp_path / "spool")
    status = Status("1.0.0", spool.log, 0, 0, 7, 0, 0, T, None, None, None, [])
    listener = Listener("127.0.0.1", 0, LogProtocol(spool, lambda: status, AckGuard(None)).serve, setting="INGEST_PORT")
    listener.start()
    options = {"host": "127.0.0.1", "port": listener.port, "log": spool.log, "start": 0, "max_posts": 1_000}
    options |= {"partitions": 1, "pane_ms": PANE_MS}
    try:
        reader = CountsReader({name: str(value) for name, value in options.items()})
        state.apply(*unpack(pa.Table.from_batches([*reader.read(OffsetRange(0, 7))])))
    finally:
        listener.close()
        spool.close()
    progress = state.progress()
    assert progress is not None
    assert (progress.next_offset, progress.posts, progress.lost, progress.skipped) == (7, 5, 2, 2)
    ((tags,),) = state.db.execute("SELECT count(DISTINCT key) FROM open_counts").fetchall()
    assert tags == 150_000 + 4
