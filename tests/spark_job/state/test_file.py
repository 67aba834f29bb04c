"""A state file that is gone, broken, or has no room."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.tally import table

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


# It writes 200,000 posts, which takes minutes where other tests use the cores.
@pytest.mark.slow
@pytest.mark.alone
def test_without_room_it_waits_and_goes_on_exactly_when_there_is_room(path: Path) -> None:
    """The limit on file sizes stands for a full disk: the same failing writes, on any machine."""
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(path)],
        cwd=Path(__file__).resolve().parents[3],
        preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
        capture_output=True,
        text=True,
        timeout=240,
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


#: Python as it is where pandas is not installed. It prints how often pandas is searched after the file was opened.
WITHOUT_PANDAS = """
import sys
from pathlib import Path

class Hiding:
    searched = 0
    def __init__(self, finder):
        self.finder = finder
    def find_spec(self, name, path=None, target=None):
        if name == "pandas":
            Hiding.searched += 1
            return None
        return self.finder.find_spec(name, path, target)
    def __getattr__(self, name):
        return getattr(self.finder, name)

sys.meta_path[:] = map(Hiding, sys.meta_path)
from spark_job.state.file import open_file

db = open_file(Path(sys.argv[1]))
before = Hiding.searched
assert db.execute("SELECT ? + 1", [1]).fetchall() == [(2,)]
print(Hiding.searched - before)
"""


def test_parameters_of_statements_cost_no_search_for_pandas(tmp_path: Path) -> None:
    file = tmp_path / "counts.duckdb"
    found = subprocess.run([sys.executable, "-c", WITHOUT_PANDAS, file], capture_output=True, text=True, check=True)
    assert found.stdout == "0\n"


@pytest.mark.parametrize("block_bytes", [None, "262144"])
def test_a_new_file_has_small_blocks_and_a_file_with_large_ones_keeps_them(path: Path, block_bytes: str | None) -> None:
    path.parent.mkdir()
    if block_bytes is not None:
        duckdb.connect(str(path), config={"default_block_size": block_bytes}).close()
    filled(path)
    state = State(path, PANE, 300_000)
    size, held = state.db.execute(
        "SELECT (SELECT block_size FROM pragma_database_size()), (SELECT sum(memory_usage_bytes) FROM duckdb_memory())"
    ).fetchone() or (0, 0)
    assert size == int(block_bytes or 16_384)
    assert state.progress() is not None
    # A few rows in each table: the memory of what was written since the last checkpoint is that of its blocks.
    state.apply(table([post(["New"], T + 30 * PANE)], 6_000))
    grown = state.db.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchone() or (0,)
    assert (grown[0] - held < 8 << 20) == (block_bytes is None)
    state.close()
