"""The disk of the archive is full: the job counts on, says why, and writes the hour once there is room."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.spark_job.archive.test_hours import FIRST, SECOND, Desk, T
from tests.spark_job.support.hours import HOUR_MS, files, posts_over, recounted

DISK_BYTES, PAGE_BYTES = 256 << 10, os.sysconf("SC_PAGE_SIZE")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own where the archive is."""
    folder = tmp_path / "archive"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    mounted = subprocess.run(["mount", *options], capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"only root can mount a file system: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Leave no byte free."""
    path = folder / "of-somebody-else"
    with path.open("wb") as file:
        left = os.statvfs(folder)
        file.write(bytes(left.f_bavail * left.f_frsize))
    assert os.statvfs(folder).f_bavail == 0
    return path


def said(desk: Desk) -> str | None:
    """What the page says of the archive."""
    return desk.hours.notice


def test_an_hour_waits_for_room_on_the_disk_and_is_exact(tmp_path: Path, small_disk: Path) -> None:
    desk = Desk(tmp_path)
    posts = posts_over(8, T, 1.5, 6000)
    first = [one for one in posts if one["at_ms"] < T + HOUR_MS]
    other = fill(small_disk)
    desk.count(first)
    desk.pass_hour(T)
    assert not desk.writer.write_waiting()
    assert said(desk) == f"hours can't be archived in {str(small_disk)!r}: No space left on device"
    assert files(small_disk) == [other.name]
    # Counting goes on, and the hour after it waits too.
    desk.count(posts[len(first) :])
    desk.pass_hour(T + HOUR_MS)
    assert desk.progress.next_offset == len(posts)
    assert not desk.writer.write_waiting()
    archived = desk.hours.archived
    assert archived is not None
    assert (archived.hours, archived.waiting, archived.failures, archived.newest) == (0, 2, 2, None)
    other.unlink()
    assert desk.write() == [FIRST, SECOND]
    assert said(desk) is None
    expected = recounted(posts)
    assert [desk.rows(name) for name in (FIRST, SECOND)] == [expected[T], expected[T + HOUR_MS]]
    archived = desk.hours.archived
    assert archived is not None
    assert archived.newest is not None
    size = (small_disk / SECOND).stat().st_size
    rows = len(expected[T + HOUR_MS])
    assert (archived.hours, archived.waiting, archived.failures, archived.dropped) == (2, 0, 2, 0)
    newest = archived.newest
    assert (newest.hour_ms, newest.bytes, newest.rows, newest.dropped_posts) == (T + HOUR_MS, size, rows, 0)
    desk.state.close()


def test_a_disk_that_is_full_in_the_middle_of_a_file_leaves_no_part_of_it(tmp_path: Path, small_disk: Path) -> None:
    desk = Desk(tmp_path)
    posts = posts_over(9, T, 1.0, 3000)
    other = fill(small_disk)
    # There is room for the begin of the file.
    os.truncate(other, other.stat().st_size - PAGE_BYTES)
    desk.count(posts)
    desk.pass_hour(T)
    assert not desk.writer.write_waiting()
    assert [name for name in files(small_disk) if "hour-" in name] == []
    other.unlink()
    desk.write()
    assert (small_disk / FIRST).stat().st_size > PAGE_BYTES
    assert desk.rows(FIRST) == recounted(posts)[T]
    desk.state.close()
