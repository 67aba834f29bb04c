"""The claim on a spool folder."""

from pathlib import Path

import pytest

from ingest.spool.lock import Claim, Last


def test_a_new_folder_has_no_last_log(tmp_path: Path) -> None:
    claim = Claim(tmp_path / "spool")
    assert claim.last is None
    claim.close()


def test_what_was_noted_last_is_known_to_the_next_claim(tmp_path: Path) -> None:
    claim = Claim(tmp_path)
    for end in (7, 123_456, 99):
        claim.note("0123456789abcdef", end)
    claim.close()
    again = Claim(tmp_path)
    assert again.last == Last("0123456789abcdef", 99)
    again.close()


def test_a_folder_is_claimed_once(tmp_path: Path) -> None:
    claim = Claim(tmp_path)
    with pytest.raises(BlockingIOError):
        Claim(tmp_path)
    claim.close()
    Claim(tmp_path).close()


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff" * 200, b"abc -1\n", b"abc 1"])
def test_a_note_that_is_none_says_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "lock").write_bytes(content)
    claim = Claim(tmp_path)
    assert claim.last is None
    claim.close()
