"""A spool that was lost, damaged or restored is never silently wrong, and the next start serves."""

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.ingest.conftest import MakePost, ManualClock, OpenSpool
from tests.ingest.spool.conftest import PAGE, lines_of, make_older, open_in, overwrite, truncate

from ingest.spool.spool import Spool, SpoolError

POSTS = 60


DAMAGES: dict[str, Callable[[Path], None]] = {
    "no header": lambda file: overwrite(file, 0, bytes(100)),
    "no first page": lambda file: overwrite(file, 0, b"\xff" * PAGE),
    "another text": lambda file: overwrite(file, 0, b"this is no database" * 5000),
    "zeros in the middle": lambda file: overwrite(file, file.stat().st_size // PAGE // 2 * PAGE, bytes(4 * PAGE)),
    "garbage in the middle": lambda file: overwrite(
        file, file.stat().st_size // 2, random.Random(1).randbytes(4 * PAGE)
    ),
    "zeros up to the end": lambda file: overwrite(file, file.stat().st_size - 9 * PAGE, bytes(9 * PAGE)),
    "half of it": lambda file: truncate(file, file.stat().st_size // 2 // PAGE * PAGE),
    "three pages short": lambda file: truncate(file, file.stat().st_size - 3 * PAGE),
    "one page": lambda file: truncate(file, PAGE),
    "half a page": lambda file: truncate(file, PAGE // 2),
    "another database": lambda file: overwrite(file, 0, another_database(file)),
}


def another_database(file: Path) -> bytes:
    other = file.with_name("other")
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE t (x)")
        database.execute("PRAGMA user_version = 2")
    database.close()
    data = other.read_bytes()
    other.unlink()
    return data


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_broken_spool_is_renamed_and_a_new_one_created(
    open_spool: OpenSpool,
    make_post: MakePost,
    fill: Callable[[], str],
    folder: Path,
    damage: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = fill()
    damage(folder / "spool.sqlite")
    broken = (folder / "spool.sqlite").read_bytes()
    spool = open_spool()
    assert spool.log != log
    assert (spool.marks().first, spool.end, spool.marks().acked) == (0, 0, 0)
    (warning,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert warning.getMessage() == spool.notice
    assert spool.notice is not None
    assert spool.notice.startswith("the spool was broken (")
    assert "\n" not in spool.notice
    assert spool.notice.endswith("): it was renamed to spool.sqlite.broken-1000000, and a new spool was created")
    assert (folder / "spool.sqlite.broken-1000000").read_bytes() == broken
    assert spool.progress() == {}
    spool.append([make_post("new")], {})
    assert [json.loads(line)["text"] for line in lines_of(spool)] == ["new"]
    spool.close()
    assert open_spool().notice is None


def test_only_the_last_broken_spool_stays(
    open_spool: OpenSpool, fill: Callable[[], str], folder: Path, manual_clock: ManualClock
) -> None:
    for _ in range(3):
        fill()
        manual_clock.pass_ms(1000)
        overwrite(folder / "spool.sqlite", 0, bytes(100))
        open_spool().close()
    assert [path.name for path in folder.glob("*.broken-*")] == ["spool.sqlite.broken-1003000"]


def test_the_write_ahead_log_of_a_broken_spool_is_renamed_too(
    open_spool: OpenSpool,
    make_post: MakePost,
    fill: Callable[[], str],
    folder: Path,
    tmp_path: Path,
    manual_clock: ManualClock,
) -> None:
    fill()
    crashed = crash(open_spool(), make_post, folder, tmp_path)
    overwrite(crashed / "spool.sqlite", 4 * PAGE, b"\xff" * 40 * PAGE)
    ahead = (crashed / "spool.sqlite-wal").read_bytes()
    assert len(ahead) > PAGE
    spool = open_in(crashed, manual_clock)
    spool.close()
    assert (crashed / "spool.sqlite.broken-1000000-wal").read_bytes() == ahead
    assert (crashed / "spool.sqlite.broken-1000000").exists()


def crash(spool: Spool, make_post: MakePost, folder: Path, tmp_path: Path) -> Path:
    """Append 10 posts, and return a folder as a `kill -9` would leave it."""
    for number in range(10):
        spool.append([make_post(f"{number}")], {})
    crashed = tmp_path / "crashed"
    shutil.copytree(folder, crashed)
    return crashed


def test_a_crash_does_not_break_the_spool(
    open_spool: OpenSpool, make_post: MakePost, folder: Path, tmp_path: Path, manual_clock: ManualClock
) -> None:
    running = open_spool()
    spool = open_in(crash(running, make_post, folder, tmp_path), manual_clock)
    assert (spool.notice, spool.log, spool.end) == (None, running.log, 10)
    assert lines_of(spool) == lines_of(running)
    spool.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda ahead: truncate(ahead, 32 + 12 * (24 + PAGE)),
        lambda ahead: overwrite(ahead, 32 + 12 * (24 + PAGE), bytes(PAGE)),
        lambda ahead: overwrite(ahead, 32 + 12 * (24 + PAGE) + 1000, b"\xff"),
        lambda ahead: overwrite(ahead, 4, b"\xff"),
    ],
    ids=["cut", "zeros within", "a byte within", "its header"],
)
def test_a_damaged_write_ahead_log_makes_the_rest_a_new_log(
    open_spool: OpenSpool,
    make_post: MakePost,
    folder: Path,
    tmp_path: Path,
    manual_clock: ManualClock,
    damage: Callable[[Path], None],
) -> None:
    open_spool().close()
    running = open_spool()
    crashed = crash(running, make_post, folder, tmp_path)
    whole = lines_of(running)
    damage(crashed / "spool.sqlite-wal")
    spool = open_in(crashed, manual_clock)
    assert spool.log != running.log
    left = lines_of(spool)
    assert left == whole[: len(left)]
    assert len(left) == spool.end < 10
    assert spool.notice == f"the spool lost its posts from {spool.end} to 10: it continues as a new log"
    spool.close()


def test_a_lost_write_ahead_log_is_noticed(
    open_spool: OpenSpool, make_post: MakePost, folder: Path, tmp_path: Path, manual_clock: ManualClock
) -> None:
    first = open_spool()
    first.append([make_post("kept")], {})
    first.close()
    running = open_spool()
    crashed = crash(running, make_post, folder, tmp_path)
    (crashed / "spool.sqlite-wal").unlink()
    (crashed / "spool.sqlite-shm").unlink()
    spool = open_in(crashed, manual_clock)
    assert spool.log != running.log
    assert spool.notice == "the spool lost its posts from 1 to 11: it continues as a new log"
    assert [json.loads(line)["text"] for line in lines_of(spool)] == ["kept"]
    log = spool.log
    spool.close()
    again = open_in(crashed, manual_clock)
    assert (again.log, again.notice) == (log, None)
    again.close()


def test_a_restored_older_copy_is_a_new_log_with_its_posts(
    open_spool: OpenSpool, make_post: MakePost, fill: Callable[[], str], folder: Path, tmp_path: Path
) -> None:
    log = fill()
    shutil.copy(folder / "spool.sqlite", tmp_path / "yesterday")
    spool = open_spool()
    spool.append([make_post("today")], {})
    spool.close()
    shutil.copy(tmp_path / "yesterday", folder / "spool.sqlite")
    spool = open_spool()
    assert spool.log != log
    assert len(lines_of(spool)) == spool.end == POSTS
    assert spool.notice == "the spool lost its posts from 60 to 61: it continues as a new log"


@pytest.mark.parametrize("left", ["nothing", "an empty file", "its write-ahead log"])
def test_a_missing_spool_is_created_and_reported(
    open_spool: OpenSpool, make_post: MakePost, fill: Callable[[], str], folder: Path, left: str
) -> None:
    log = fill()
    (folder / "spool.sqlite").unlink()
    if left == "an empty file":
        (folder / "spool.sqlite").touch()
    elif left == "its write-ahead log":
        (folder / "spool.sqlite-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(40_000))
    spool = open_spool()
    assert spool.log != log
    assert spool.notice == "the spool, which ended at post 60, is missing: a new spool was created"
    spool.append([make_post("new")], {})
    assert [json.loads(line)["offset"] for line in lines_of(spool)] == [0]


def test_a_first_start_has_no_notice(open_spool: OpenSpool, caplog: pytest.LogCaptureFixture) -> None:
    assert open_spool().notice is None
    assert caplog.messages == []


def test_a_spool_of_an_unknown_format_is_renamed(open_spool: OpenSpool, fill: Callable[[], str], folder: Path) -> None:
    fill()
    with sqlite3.connect(folder / "spool.sqlite") as database:
        database.execute("PRAGMA user_version = 1")
    database.close()
    notice = open_spool().notice
    assert notice is not None
    assert notice.startswith("the spool was broken (its format is 1, not 5)")


@pytest.mark.parametrize("number", [2, 3, 4])
def test_a_spool_of_a_previous_format_is_converted(
    open_spool: OpenSpool, make_post: MakePost, tmp_path: Path, number: int
) -> None:
    spool = open_spool()
    spool.append([make_post("a")], {"demo": b"1"})
    log = spool.log
    spool.close()
    make_older(tmp_path / "spool" / "spool.sqlite", number)
    for _ in range(2):
        spool = open_spool()
        assert (spool.log, spool.end, spool.notice) == (log, 1, None)
        assert spool.progress() == {"demo": b"1"}
        assert [json.loads(line)["text"] for line in lines_of(spool)] == ["a"]
        spool.close()


def test_a_spool_of_a_newer_format_is_not_changed(open_spool: OpenSpool, fill: Callable[[], str], folder: Path) -> None:
    log = fill()
    for number in (6, 5):
        with sqlite3.connect(folder / "spool.sqlite") as database:
            database.execute(f"PRAGMA user_version = {number}")
        database.close()
        before = (folder / "spool.sqlite").read_bytes()
        if number == 6:
            with pytest.raises(SpoolError, match=r"its format is 6, and this version of ingest knows 5 at most\. Run"):
                open_spool()
            assert (folder / "spool.sqlite").read_bytes() == before
            assert not list(folder.glob("*.broken-*"))
    spool = open_spool()
    assert (spool.log, spool.end, spool.notice) == (log, 60, None)


def test_a_spool_without_permission_is_not_changed(
    open_spool: OpenSpool, fill: Callable[[], str], folder: Path
) -> None:
    fill()
    (folder / "spool.sqlite").rename(folder / "kept")
    (folder / "spool.sqlite").mkdir()
    with pytest.raises(SpoolError, match=r"spool\.sqlite can't be used: "):
        open_spool()
    assert (folder / "kept").exists()
