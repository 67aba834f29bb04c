"""The lock of a spool folder."""

from pathlib import Path

import pytest

from ingest.spool.lock import LastLog, SpoolLock


def test_a_new_folder_has_no_last_log(tmp_path: Path) -> None:
    lock = SpoolLock(tmp_path / "spool")
    assert lock.last is None
    lock.close()


def test_the_last_note_is_known_to_the_next_lock(tmp_path: Path) -> None:
    lock = SpoolLock(tmp_path)
    for end in (7, 123_456, 99):
        lock.note("0123456789abcdef", end)
    lock.close()
    again = SpoolLock(tmp_path)
    assert again.last == LastLog("0123456789abcdef", 99)
    again.close()


def test_a_folder_can_be_locked_once(tmp_path: Path) -> None:
    lock = SpoolLock(tmp_path)
    with pytest.raises(BlockingIOError):
        SpoolLock(tmp_path)
    lock.close()
    SpoolLock(tmp_path).close()


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff" * 200, b"abc -1\n", b"abc 1"])
def test_an_invalid_note_is_ignored(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "lock").write_bytes(content)
    lock = SpoolLock(tmp_path)
    assert lock.last is None
    lock.close()
