from __future__ import annotations

from tests.dashboard.conftest import ROOT

from dashboard.modules import languages, modules
from dashboard.static_files import load_static_files

STATIC = load_static_files(ROOT / "dashboard/dashboard/static")


def test_a_language_is_one_file() -> None:
    assert languages(["words/es.js", "words/en.js", "words/notes.md", "words.js"]) == ["en", "es"]


def test_the_page_loads_its_own_scripts_early_and_no_words() -> None:
    assert {"main.js", "words.js"} <= set(modules(STATIC))
    assert not {"en.js", "words/en.js"} & set(modules(STATIC))
