"""Why a file `.env` can't be used."""

from pathlib import Path

import pytest

from ingest import env_file


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", None),
        (b"# a comment\nTRACK=football\n", None),
        (b"\xef\xbb\xbfTRACK=f\xc3\xbatbol\n", None),
        (b"LIMIT=5\nTRACK=caf\xe9\n", "line 2 must be NAME=value, in UTF-8"),
        (b"LIMIT=5\nthese are words\n", "line 2 must be NAME=value, in UTF-8"),
    ],
)
def test_a_file_has_names_and_values_in_utf_8(tmp_path: Path, content: bytes, fault: str | None) -> None:
    path = tmp_path / ".env"
    path.write_bytes(content)
    assert env_file.fault(path) == (fault and f"{path}: {fault}")


def test_a_file_that_is_not_there_has_no_fault(tmp_path: Path) -> None:
    assert env_file.fault(tmp_path / ".env") is None


def test_a_folder_can_not_be_read(tmp_path: Path) -> None:
    assert env_file.fault(tmp_path) == f"{tmp_path} can't be read: Is a directory"
