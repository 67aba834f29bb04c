import time
from pathlib import Path

import pytest
from bench.first_read import FirstRead
from tests.processes import wait_until


def test_it_says_when_a_file_was_first_read(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for file in (one, other):
        file.write_text("posts")
    with FirstRead([one, other]) as reads:
        other.stat()
        assert reads.at is None
        since = time.monotonic()
        (tmp_path / "link").symlink_to(other)
        (tmp_path / "link").read_text()
        first = wait_until(lambda: reads.at, "the first read", 10)
        until = time.monotonic()
        one.read_text()
        assert since <= first <= until
    assert reads.at == first


def test_files_that_nobody_reads_have_no_first_read(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("posts")
    with FirstRead([tmp_path / "one"]) as reads:
        pass
    assert reads.at is None


def test_a_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), FirstRead([tmp_path / "none"]):
        pass
