from __future__ import annotations

from typing import TYPE_CHECKING

from tests.dashboard.conftest import ROOT

from dashboard.modules import languages, modules

if TYPE_CHECKING:
    from pathlib import Path

STATIC = ROOT / "dashboard/dashboard/static"


def test_a_language_is_one_file(tmp_path: Path) -> None:
    words = tmp_path / "words"
    words.mkdir()
    for name in ("es.js", "en.js", "notes.md"):
        (words / name).touch()
    assert languages(tmp_path) == ["en", "es"]


def test_the_page_loads_its_own_scripts_early_and_no_words() -> None:
    assert {"main.js", "words.js"} <= set(modules(STATIC))
    assert not {"en.js", "words/en.js"} & set(modules(STATIC))
