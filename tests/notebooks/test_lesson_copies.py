"""The reader's copies of the notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scripts.lesson_copies import copy_lessons, with_addresses

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def lessons(tmp_path: Path) -> Path:
    folder = tmp_path / "notebooks"
    for language in ("en", "es"):
        (folder / language).mkdir(parents=True)
        (folder / language / "1-watch.ipynb").write_text('attach(\\"http://localhost:8000\\") # 9009 19009')
    (folder / "requirements.txt").write_text("not a notebook")
    return folder


def test_a_reader_gets_a_copy_of_each_notebook_with_the_addresses_of_this_machine(
    lessons: Path, tmp_path: Path
) -> None:
    work = tmp_path / "data" / "notebooks"
    made = copy_lessons(lessons, work, {"http://localhost:8000": "http://localhost:8123", "9009": "9109"})
    assert made == [work / "en" / "1-watch.ipynb", work / "es" / "1-watch.ipynb"]
    assert made[0].read_text() == 'attach(\\"http://localhost:8123\\") # 9109 19009'
    assert {path.name for path in work.rglob("*") if path.is_file()} == {"1-watch.ipynb"}


def test_what_a_reader_has_changed_stays(lessons: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    copy_lessons(lessons, work, {})
    (work / "en" / "1-watch.ipynb").write_text("mine")
    (work / "es" / "1-watch.ipynb").unlink()
    assert copy_lessons(lessons, work, {}) == [work / "es" / "1-watch.ipynb"]
    assert (work / "en" / "1-watch.ipynb").read_text() == "mine"


def test_an_address_with_another_port_is_another_address() -> None:
    assert with_addresses("http://localhost:80001", {"http://localhost:8000": "x"}) == "http://localhost:80001"
