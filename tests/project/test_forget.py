"""`make run FRESH=1` forgets all that was stored, says what it can't remove, and removes nothing of anybody else."""

from pathlib import Path

import pytest
from scripts.forget import ForgetError, forget


def fill(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_text("x")
    return folder


def test_all_folders_of_the_services_are_removed_and_the_rest_stays(tmp_path: Path) -> None:
    fill(tmp_path / "spool", "spool.sqlite", "spool.sqlite-wal", "lock")
    fill(tmp_path / "counts", "counts.duckdb", "counts.duckdb.broken-1")
    fill(tmp_path / "mine", "notes")
    forget(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]
    forget(tmp_path)


def test_a_folder_that_is_a_link_is_emptied_and_stays_a_link(tmp_path: Path) -> None:
    disk = fill(tmp_path / "disk", "spool.sqlite", "spool.sqlite.broken-1", "lock")
    data = fill(tmp_path / "data")
    (data / "spool").symlink_to(disk)
    forget(data)
    assert (data / "spool").is_symlink()
    assert list(disk.iterdir()) == []


def test_a_link_to_a_folder_with_other_files_is_refused_and_nothing_is_removed(tmp_path: Path) -> None:
    home = fill(tmp_path / "home", "history.sqlite", "thesis.odt")
    data = fill(tmp_path / "data")
    spool = fill(data / "spool", "spool.sqlite")
    (data / "history").symlink_to(home)
    with pytest.raises(
        ForgetError, match=r"^FRESH=1: .*history leads to a folder with other files, such as 'thesis.odt'"
    ):
        forget(data)
    assert (spool / "spool.sqlite").exists()
    assert sorted(path.name for path in home.iterdir()) == ["history.sqlite", "thesis.odt"]


def test_a_link_to_nothing_is_no_error_and_one_to_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "spool").symlink_to(tmp_path / "gone")
    forget(tmp_path)
    (tmp_path / "counts").symlink_to(fill(tmp_path / "x", "file") / "file")
    with pytest.raises(ForgetError, match="leads to a file"):
        forget(tmp_path)


def test_what_can_not_be_removed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "spool", "spool.sqlite")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Root may remove everything, so the refusal is made up.
    monkeypatch.setattr("shutil.rmtree", refuse)
    with pytest.raises(ForgetError, match=r"^FRESH=1: .*spool can't be removed: Permission denied$"):
        forget(tmp_path)
