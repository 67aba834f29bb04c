"""A `DATA_DIR` that an earlier version wrote is read as it is: nothing of it is lost, and counting goes on behind it.

The archive was written on 2026-11-28 by the last version with flat folders: 72 seconds of the demo, all made up.
"""

import hashlib
import tarfile
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from dashboard.app import create_app
from dashboard.settings import Settings
from ingest.spool.clock import Clock
from ingest.spool.spool import Spool
from spark_job.state.store import State

ARCHIVE = Path(__file__).with_name("files") / "data-dir-of-2026-11-28.tar.xz"
LOG = "9887569b13834be8"
POSTS = 4074
COUNTED = 4018
LINES_SHA256 = "0ed548f16f0ab2d779970082d3b19c55b3f064566bbd592670dae523cee86ff9"
#: When the last pane of the archive was stored.
STORED_MS = 1_795_910_920_919


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path


def test_ingest_reads_every_line_of_an_older_spool_and_goes_on_with_its_log(data_dir: Path) -> None:
    clock = Clock(lambda: STORED_MS + 60_000, lambda: 0.0)
    spool = Spool(data_dir / "spool", clock, max_age_seconds=3600, max_bytes=2**30)
    try:
        marks = spool.marks()
        assert (spool.notice, marks.log, marks.first, marks.end) == (None, LOG, 0, POSTS)
        assert set(spool.progress()) == {"demo"}
        with spool.reader() as reader:
            lines = b"".join(reader.lines(reader.range(0, POSTS)))
        assert (lines.count(b"\n"), hashlib.sha256(lines).hexdigest()) == (POSTS, LINES_SHA256)
    finally:
        spool.close()


def test_the_job_goes_on_behind_the_counts_of_an_older_state(data_dir: Path) -> None:
    state = State(data_dir / "counts" / "counts.duckdb", 10_000, 300_000)
    try:
        progress = state.progress()
        assert progress is not None
        assert (progress.log, progress.next_offset, progress.posts, progress.lost) == (LOG, COUNTED, COUNTED, 0)
        totals = state.db.execute("SELECT label, posts FROM totals ORDER BY posts DESC, key LIMIT 3").fetchall()
        assert totals == [("StreetFood", 615), ("PãoDeQueijo", 439), ("MondayMotivation", 344)]
        assert state.db.execute("SELECT count(*), sum(posts) FROM totals").fetchone() == (251, 3460)
    finally:
        state.close()


def test_the_dashboard_answers_from_the_panes_of_an_older_history(data_dir: Path) -> None:
    settings = Settings(push_token=SecretStr("0123456789abcdef"), data_dir=data_dir)
    app = create_app(settings, lambda: STORED_MS, lambda: 0)
    try:
        timeline: dict[str, Any] = app.test_client().get("/api/timeline").get_json()
        assert sum(posts for posts in timeline["posts"] if posts) == 3532
        health: dict[str, Any] = app.test_client().get("/healthz").get_json()
        assert health["history"] is None
    finally:
        app.extensions["dashboard.history"].close()
