"""A spool that is damaged while it is used, or in its runs: nothing wrong is ever read."""

import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from tests.ingest.conftest import MakePost, ManualClock, OpenSpool
from tests.ingest.spool.conftest import PAGE, lines_of, open_in, overwrite, truncate

from ingest.spool.file import SpoolBrokenError
from ingest.spool.reader import UnreadableError


def damage_text(folder: Path, text: bytes) -> None:
    """Change one character of a post on disk."""
    data = (folder / "spool.sqlite").read_bytes()
    assert data.count(text) == 1
    overwrite(folder / "spool.sqlite", data.index(text) + 200, b"y")


def test_a_damaged_run_is_never_read_but_the_others_are(
    open_spool: OpenSpool, fill: Callable[[], str], folder: Path
) -> None:
    log = fill()
    damage_text(folder, b'"12-1 x')
    spool = open_spool()
    assert (spool.log, spool.notice) == (log, None)
    with spool.reader() as reader:
        assert reader.range(0, 36).posts == 36
        assert len(list(reader.lines(reader.range(0, 36)))) == 12
        with pytest.raises(UnreadableError, match="the posts from 36 to 38 are damaged on disk") as caught:
            list(reader.lines(reader.range(30, 45)))
        assert caught.value.end == 39
        assert len(list(reader.lines(reader.range(39, 60)))) == 7


def test_all_posts_up_to_a_damaged_run_are_deleted_and_counted(
    open_spool: OpenSpool, fill: Callable[[], str], folder: Path, make_post: MakePost
) -> None:
    fill()
    damage_text(folder, b'"12-1 x')
    spool = open_spool()
    for _ in range(2):
        spool.discard(UnreadableError(36, 39))
    marks = spool.marks()
    assert (marks.first, marks.end, marks.acked, marks.trimmed_unread) == (39, 60, 30, 9)
    assert spool.notice == (
        "the posts from 36 to 38 are damaged on disk: all posts before 39 were deleted, 9 of them unread"
    )
    spool.append([make_post("goes on")], {})
    assert len(lines_of(spool)) == 22
    spool.close()
    assert open_spool().marks().trimmed_unread == 9


def test_a_structure_that_breaks_during_use_is_distinguished_from_other_errors(
    open_spool: OpenSpool, fill: Callable[[], str], folder: Path, make_post: MakePost
) -> None:
    fill()
    spool = open_spool()
    overwrite(folder / "spool.sqlite", PAGE, b"\xff" * ((folder / "spool.sqlite").stat().st_size - PAGE))
    with spool.reader() as reader, pytest.raises(SpoolBrokenError, match="the spool is broken: "):
        reader.range(0, 9)
    spool._db.execute("PRAGMA shrink_memory")
    with pytest.raises(SpoolBrokenError, match="the spool is broken: "):
        spool.append([make_post("more")], {})
    spool.close()
    notice = open_spool().notice
    assert notice is not None
    assert notice.startswith("the spool was broken (")


@pytest.mark.parametrize("name", ["spool.sqlite", "spool.sqlite-wal"])
def test_a_file_that_is_removed_during_use_is_noticed(open_spool: OpenSpool, folder: Path, name: str) -> None:
    spool = open_spool()
    spool.check_in_place()
    (folder / name).unlink()
    with pytest.raises(SpoolBrokenError, match="was removed or replaced while it was in use"):
        spool.check_in_place()


@pytest.mark.parametrize("lost", [1, PAGE // 2, PAGE])
def test_a_truncated_file_is_renamed_or_read_as_far_as_it_is_valid(
    open_spool: OpenSpool, make_post: MakePost, folder: Path, lost: int
) -> None:
    spool = open_spool()
    for number in range(5):
        spool.append([make_post(f"{number} " + "x" * 40_000)], {})
    whole = lines_of(spool)
    spool.close()
    truncate(folder / "spool.sqlite", (folder / "spool.sqlite").stat().st_size - lost)
    spool = open_spool()
    with spool.reader() as reader:
        got: list[bytes] = []
        with suppress(UnreadableError):
            got.extend(reader.lines(reader.range(0, 5)))
    assert len(got) in {4, 5} or spool.notice
    assert [line.rstrip(b"\n") for line in got] == whole[: len(got)]


def test_no_changed_byte_leads_to_a_wrong_post(
    open_spool: OpenSpool, make_post: MakePost, folder: Path, tmp_path: Path, manual_clock: ManualClock
) -> None:
    spool = open_spool()
    for number in range(40):
        spool.append([make_post(f"{number} " + "x" * (number * 100))], {"t": b"%d" % number})
    whole = lines_of(spool)
    spool.close()
    intact = (folder / "spool.sqlite").read_bytes()
    chance = random.Random(7)
    seen = {"set aside": 0, "unreadable": 0, "whole": 0}
    for number in range(300):
        damaged = tmp_path / "damaged"
        shutil.rmtree(damaged, ignore_errors=True)
        damaged.mkdir()
        at = chance.randrange(len(intact)) if number % 2 else chance.randrange(3 * PAGE)
        flipped = bytes([intact[at] ^ (1 << chance.randrange(8))])
        (damaged / "spool.sqlite").write_bytes(intact[:at] + flipped + intact[at + 1 :])
        again = open_in(damaged, manual_clock)
        if again.notice:
            assert again.end == 0
            seen["set aside"] += 1
        else:
            assert again.end == 40
            assert again.progress() == {"t": b"39"}
            try:
                assert lines_of(again) == whole
                seen["whole"] += 1
            except UnreadableError:
                seen["unreadable"] += 1
        again.close()
    assert all(seen.values()), seen
