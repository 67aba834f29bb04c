"""Spark's folder has a plain name, whatever DATA_DIR is called."""

from pathlib import Path

import pytest

from spark_job.spark.scratch import PLAIN, empty_scratch


@pytest.mark.parametrize("name", ["scratch", "a b", "a+b@c"])
def test_a_plain_folder_is_used_as_it_is_and_emptied(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "left").touch()
    with empty_scratch(folder) as scratch:
        assert scratch == folder
        assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("sign", list(",;?#%*[]{}'\"\\$&~:\n\té"))
def test_a_folder_with_a_sign_of_its_own_is_reached_by_a_plain_link(tmp_path: Path, sign: str) -> None:
    folder = tmp_path / f"a{sign}b"
    with empty_scratch(folder) as scratch:
        assert PLAIN.fullmatch(str(scratch))
        (scratch / "file").touch()
        assert (folder / "file").exists()
    assert not scratch.parent.exists()
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]
