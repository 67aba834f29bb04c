"""A state file that can't be used for now is left as it is; only a corrupt one is set aside."""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, T
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.state_views import apply, reached
from tests.spark_job.support.tally import table

from spark_job.state.file import StateInUseError, StateRefusedError
from spark_job.state.schema import FORMAT
from spark_job.state.store import State

ROOT = Path(__file__).resolve().parents[3]
NOBODY = 65_534
OPEN = """
import sys
from pathlib import Path
from spark_job.state.store import State
from spark_job.state.file import StateRefusedError
try:
    State(Path(sys.argv[1]), 10_000, 30_000).close()
    print("opened")
except StateRefusedError as error:
    print(error)
"""


@pytest.fixture
def stored(path: Path) -> Path:
    """A state with a counted post, closed."""
    state = State(path, PANE_MS, WINDOW_MS)
    state.begin_epoch("log-a", 0, T, "first start")
    state.apply(table([post(["A"], T)], 0))
    state.close()
    return path


def contents(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(path.parent.iterdir()) if file.is_file()}


def refusal(path: Path) -> str:
    """The sentence of a refusal that left the folder as it was."""
    before = contents(path)
    with pytest.raises(StateRefusedError) as refused:
        State(path, PANE_MS, WINDOW_MS, now_ms=T)
    assert contents(path) == before
    assert str(path) in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    return str(refused.value)


def posts(path: Path) -> int:
    state = State(path, PANE_MS, WINDOW_MS)
    progress = state.progress()
    state.close()
    return progress.posts if progress is not None else 0


def with_version(path: Path, version: int) -> None:
    """What a newer DuckDB writes: another number in the header, with the checksum that DuckDB wants."""
    with path.open("r+b") as file:
        file.seek(12)
        file.write(version.to_bytes(8, "little"))
    with pytest.raises(duckdb.IOException, match="computed checksum") as error:
        duckdb.connect(str(path))
    computed = re.search(r"computed checksum (\d+)", str(error.value))
    assert computed is not None
    with path.open("r+b") as file:
        file.write(int(computed[1]).to_bytes(8, "little"))


@pytest.mark.parametrize("version", [1, 99, 10_000])
def test_a_file_of_another_duckdb_is_left_as_it_is(stored: Path, version: int) -> None:
    with_version(stored, version)
    assert "version number" in refusal(stored)
    with_version(stored, 64)
    assert posts(stored) == 1


def set_format(path: Path, *rows: str) -> None:
    with duckdb.connect(str(path)) as db:
        db.execute("DELETE FROM meta")
        for row in rows:
            db.execute(f"INSERT INTO meta VALUES ({row})")


def test_a_file_of_a_newer_job_is_left_as_it_is(stored: Path) -> None:
    set_format(stored, str(FORMAT + 1))
    assert f"its format is {FORMAT + 1}, and this version of the job knows {FORMAT} at most" in refusal(stored)
    set_format(stored, str(FORMAT))
    assert posts(stored) == 1


def test_a_file_of_a_newer_job_that_comes_while_it_runs_is_left_as_it_is(stored: Path) -> None:
    state = State(stored, PANE_MS, WINDOW_MS)
    state.db.close()
    set_format(stored, str(FORMAT + 1))
    before = contents(stored)
    with pytest.raises(StateRefusedError, match="its format is"):
        state.reopen()
    assert contents(stored) == before


def test_a_start_changes_no_table_of_the_present_format(stored: Path) -> None:
    before = stored.read_bytes()
    State(stored, PANE_MS, WINDOW_MS).close()
    assert stored.read_bytes() == before


@pytest.mark.parametrize("rows", [[], ["NULL"], ["1", "2"]])
def test_a_file_whose_format_is_gone_is_set_aside(stored: Path, rows: list[str]) -> None:
    set_format(stored, *rows)
    state = State(stored, PANE_MS, WINDOW_MS, now_ms=T)
    assert (state.progress(), state.notice) == (None, "the stored counts could not be read")
    state.close()
    assert stored.with_name(f"{stored.name}.broken-{T}").exists()


def test_a_file_of_format_1_is_taken_over_with_its_counts(stored: Path) -> None:
    with duckdb.connect(str(stored)) as db:
        db.execute("DROP TABLE meta")
        db.execute("ALTER TABLE progress DROP COLUMN skipped")
        db.execute("ALTER TABLE closed_panes DROP COLUMN ended_window")
        db.execute("INSERT INTO totals VALUES (repeat('x', 9000), 'X', 7, 1, 1), ('b', 'B', 5, 1, 2)")
    for _ in range(2):
        state = State(stored, PANE_MS, WINDOW_MS)
        progress = state.progress()
        assert progress is not None
        assert (progress.posts, progress.skipped, state.notice) == (1, 0, None)
        # A tag that is too long for any snapshot is forgotten, and told.
        assert (progress.dropped_tags, progress.dropped_posts) == (1, 7)
        assert state.db.execute("SELECT key FROM totals").fetchall() == [("b",)]
        state.close()


def test_a_file_of_format_2_is_taken_over_and_has_uses_from_then_on(stored: Path) -> None:
    with duckdb.connect(str(stored)) as db:
        for name in ("open_uses", "pane_uses"):
            db.execute(f"DROP TABLE {name}")
        db.execute("UPDATE meta SET format = 2")
    for number in range(2):
        state = State(stored, PANE_MS, WINDOW_MS)
        assert (state.notice, state.uses.starts(T + PANE_MS)) == (None, [T][:number])
        apply(state, post(["a"], T + 1))
        assert reached(state) == (2 + number, 2 + number, 0)
        assert state.uses.facts(T).voices["posts"].to_pylist() == [1] * (number + 1)
        state.close()


@pytest.mark.parametrize("tables", [["photos"], ["meta"], ["photos", "meta"]])
def test_a_duckdb_file_of_somebody_else_is_left_as_it_is(path: Path, tables: list[str]) -> None:
    path.parent.mkdir()
    with duckdb.connect(str(path)) as db:
        for name in tables:
            db.execute(f"CREATE TABLE {name} (title VARCHAR)")
    assert "a DuckDB file with other tables than the job's" in refusal(path)


def as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def as_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def as_link_to_nothing(path: Path) -> None:
    path.unlink()
    path.symlink_to("/nonexistent/disk/counts.duckdb")


def as_link_to_itself(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def with_folder_as_log(path: Path) -> None:
    path.with_name(path.name + ".wal").mkdir()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (as_folder, "it is not a file"),
        (as_pipe, "it is not a file"),
        (as_link_to_nothing, "it is a link to '/nonexistent/disk/counts.duckdb', which is not there"),
        (as_link_to_itself, "link"),
        (with_folder_as_log, "Is a directory"),
    ],
)
def test_what_is_no_file_is_refused(stored: Path, change: Callable[[Path], None], sentence: str) -> None:
    change(stored)
    assert sentence in refusal(stored)


def opened_by_nobody(path: Path) -> str:
    """What a process of another user says that opens it. Forked: that user may not start this Python."""
    receive, send = os.pipe()
    child = os.fork()
    if not child:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        try:
            State(path, PANE_MS, WINDOW_MS).close()
        except StateRefusedError as error:
            os.write(send, str(error).encode())
        finally:
            os._exit(0)
    os.close(send)
    os.waitpid(child, 0)
    with os.fdopen(receive) as said:
        return said.read()


@pytest.fixture
def public(stored: Path) -> Iterator[Path]:
    """The file in a folder that everybody may enter and write to."""
    folder = Path("/tmp") / f"state-{os.getpid()}"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    if os.getuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    try:
        yield Path(shutil.copy(stored, folder))
    finally:
        shutil.rmtree(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("mode", [0o000, 0o444])
def test_a_file_that_may_not_be_read_or_written_is_left_as_it_is(public: Path, mode: int) -> None:
    public.chmod(mode)
    before = contents(public)
    said = opened_by_nobody(public)
    assert "Permission denied" in said
    assert "Give the file to the user that runs the job" in said
    assert contents(public) == before
    public.chmod(0o600)
    assert posts(public) == 1


USE_UP = """
import os, resource
resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
held = []
try:
    while True:
        held.append(os.dup(0))
except OSError:
    pass
"""


def test_without_open_files_it_is_left_as_it_is(stored: Path) -> None:
    """The last files are used up once Python has read its modules."""
    code = OPEN.replace("try:", USE_UP + "try:", 1)
    before = contents(stored)
    done = subprocess.run(
        [sys.executable, "-c", code, str(stored)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "Too many open files" in done.stdout, done
    assert "ulimit -n" in done.stdout
    assert contents(stored) == before


def test_a_file_in_use_by_another_process_is_left_to_it(stored: Path) -> None:
    code = "import duckdb, sys; db = duckdb.connect(sys.argv[1]); print(1, flush=True); sys.stdin.read()"
    holder = subprocess.Popen([sys.executable, "-c", code, str(stored)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"1\n"
        with pytest.raises(StateInUseError):
            State(stored, PANE_MS, WINDOW_MS, now_ms=T)
    finally:
        holder.communicate()
    assert posts(stored) == 1


def flipped(whole: bytes, at: int) -> bytes:
    return whole[:at] + bytes(255 - byte for byte in whole[at : at + 100]) + whole[at + 100 :]


CORRUPT: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "a few bytes": lambda whole: whole[:10],
    "half": lambda whole: whole[: len(whole) // 2],
    "without its last byte": lambda whole: whole[:-1],
    "zeros": lambda whole: bytes(len(whole)),
    "text": lambda _: b"hello\n" * 5_000,
    "flipped at the beginning": lambda whole: flipped(whole, 0),
    "flipped in a header": lambda whole: flipped(whole, 4100),
    "flipped in a block": lambda whole: flipped(whole, 12_300),
}


@pytest.mark.parametrize("name", CORRUPT)
def test_a_corrupt_file_is_set_aside(stored: Path, name: str) -> None:
    whole = CORRUPT[name](stored.read_bytes())
    stored.write_bytes(whole)
    state = State(stored, PANE_MS, WINDOW_MS, now_ms=T)
    assert (state.progress(), state.notice) == (None, "the stored counts could not be read")
    state.close()
    assert stored.with_name(f"{stored.name}.broken-{T}").read_bytes() == whole


def test_a_corrupt_write_ahead_log_is_set_aside_with_its_file(stored: Path) -> None:
    killed = (
        "import duckdb, os, sys; db = duckdb.connect(sys.argv[1]);"
        "db.execute('INSERT INTO starts FROM range(999)'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", killed, str(stored)], check=False)
    log = stored.with_name(stored.name + ".wal")
    data = bytearray(log.read_bytes())
    data[200:220] = bytes(255 - byte for byte in data[200:220])
    log.write_bytes(data)
    state = State(stored, PANE_MS, WINDOW_MS, now_ms=T)
    assert state.notice == "the stored counts could not be read"
    state.close()
    assert stored.with_name(f"{log.name}.broken-{T}").exists()


@pytest.mark.spark
def test_the_job_refuses_with_a_sentence_and_exit_code_2(stored: Path, tmp_path: Path) -> None:
    set_format(stored, "99")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "spark-job"), "DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "spark_job"],
        cwd=tmp_path,
        env=environment | {"PUSH_TOKEN": "a-token-for-tests-only"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        f"spark-job: DATA_DIR must be a folder that the job can use ({stored} can't be used and was left as it is: its"
        f" format is 99, and this version of the job knows {FORMAT} at most. Run the newer version of the job, or move"
        " the file away to count from zero)\n"
    )


@pytest.mark.spark
def test_a_full_disk_at_the_start_is_refused_with_a_sentence_and_exit_code_2(stored: Path, tmp_path: Path) -> None:
    def limit() -> None:
        # As on a full disk: the file can be read, and nothing can be added.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "spark-job"), "DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "spark_job"],
        cwd=tmp_path,
        env=environment | {"PUSH_TOKEN": "a-token-for-tests-only"},
        preexec_fn=limit,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("spark-job: DATA_DIR must be a folder that the job can use (")
    assert f"{stored} can't be used and was left as it is: " in sentence


def test_a_start_that_cannot_be_noted_is_refused_in_one_sentence(stored: Path) -> None:
    state = State(stored, PANE_MS, WINDOW_MS)
    state.db.close()
    with pytest.raises(StateRefusedError, match="can't be used and was left as it is") as refused:
        state.next_seq_block()
    assert len(str(refused.value).splitlines()) == 1
