"""A state file that is gone, broken, or has no room."""

import importlib.abc
import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.tally import table

from spark_job.state.file import open_file
from spark_job.state.store import State

T = 1_795_176_000_000
PANE = 10_000


def filled(path: Path) -> None:
    """A state with 30 closed panes of 200 tags each, all of it in the file proper."""
    state = State(path, PANE, 300_000)
    state.begin_epoch("log-a", 0, T, "first start")
    for n in range(30):
        state.apply(table([post([f"Tag{n}x{i}"], T + n * PANE) for i in range(200)], n * 200))
    state.db.execute("CHECKPOINT")
    state.close()


def test_a_file_that_is_no_database_is_moved_aside_and_counting_can_begin(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database" * 1_000)
    state = State(path, PANE, 30_000, now_ms=T)
    assert state.notice == "the stored counts could not be read"
    assert state.progress() is None
    assert path.with_name(f"counts.duckdb.broken-{T}").read_bytes().startswith(b"no database")
    state.close()


@pytest.mark.slow
@pytest.mark.parametrize("keep", [0.0, 0.3, 0.7])
def test_a_truncated_file_is_moved_aside(path: Path, keep: float) -> None:
    filled(path)
    os.truncate(path, int(path.stat().st_size * keep))
    state = State(path, PANE, 300_000, now_ms=T)
    assert state.progress() is None
    state.close()


@pytest.mark.slow
def test_a_file_broken_anywhere_is_noticed_at_the_start_or_still_right(path: Path) -> None:
    filled(path)
    whole = path.read_bytes()
    noticed = 0
    for at in range(0, len(whole), len(whole) // 12):
        for leftover in path.parent.glob("*"):
            leftover.unlink()
        path.write_bytes(whole[:at] + bytes(255 - byte for byte in whole[at : at + 512]) + whole[at + 512 :])
        state = State(path, PANE, 300_000, now_ms=T)
        if state.notice is None:
            ((posts,),) = state.db.execute("SELECT sum(posts) FROM pane_counts WHERE key IS NULL").fetchall()
            assert posts == 29 * 200
        else:
            noticed += 1
        state.close()
    assert noticed > 0


def test_a_deleted_file_is_a_first_start_without_a_notice(path: Path) -> None:
    filled(path)
    path.unlink()
    state = State(path, PANE, 300_000)
    assert (state.progress(), state.notice) == (None, None)
    state.close()


FILL = """
import resource, sys
from pathlib import Path
import duckdb
from spark_job.state.store import State
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.tally import table
state = State(Path(sys.argv[1]), 10_000, 300_000)
state.begin_epoch("log-a", 0, 1, "first start")
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, resource.RLIM_INFINITY))
counted, failed = 0, 0
for n in range(2000):
    posts = [post([f"Tag{n}x{i}y{'z' * 60}"], 1_795_176_000_000 + n * 1000) for i in range(200)]
    progress = None
    try:
        state.apply(table(posts, counted))
        counted += 200
    except duckdb.Error:
        failed += 1
        if failed == 3:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        try:
            state.reopen()
            counted = state.progress().next_offset
        except duckdb.Error:
            pass
    if failed >= 3 and counted >= 200_000:
        break
progress = state.progress()
((stored,),) = state.db.execute(
    "SELECT (SELECT sum(posts) FROM totals) + coalesce((SELECT sum(posts) FROM open_counts WHERE key IS NOT NULL), 0)"
).fetchall()
print(failed, progress.next_offset == progress.posts == counted == stored, progress.lost)
"""


@pytest.mark.slow
def test_without_room_it_waits_and_goes_on_exactly_when_there_is_room(path: Path) -> None:
    """The limit on file sizes stands for a full disk: the same failing writes, on any machine."""
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(path)],
        cwd=Path(__file__).resolve().parents[3],
        preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.split() == ["3", "True", "0"], done.stderr[-2000:]


def test_an_error_that_ends_the_database_is_mended_by_opening_it_again(path: Path) -> None:
    filled(path)
    state = State(path, PANE, 300_000)
    before = state.progress()
    state.db.close()
    with pytest.raises(duckdb.Error):
        state.progress()
    state.reopen()
    assert state.progress() == before
    assert state.opened == 2
    state.close()


class _Search(importlib.abc.MetaPathFinder):
    """Notes for which modules Python searches."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def find_spec(self, name: str, *_: object) -> None:
        self.names.append(name)


@pytest.mark.skipif(importlib.util.find_spec("pandas") is not None, reason="pandas is installed")
def test_parameters_of_statements_cost_no_search_for_pandas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pandas", raising=False)
    db = open_file(tmp_path / "counts.duckdb")
    search = _Search()
    monkeypatch.setattr(sys, "meta_path", [search, *sys.meta_path])
    assert db.execute("SELECT ? + 1", [1]).fetchall() == [(2,)]
    db.close()
    assert "pandas" not in search.names
