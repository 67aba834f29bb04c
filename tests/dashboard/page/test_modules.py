from __future__ import annotations

import re

from tests.dashboard.conftest import ROOT

from dashboard.page.modules import languages, modules
from dashboard.page.static_files import load_static_files

STATIC = load_static_files(ROOT / "dashboard/dashboard/static").files


def test_a_language_is_a_folder_of_scripts() -> None:
    names = ["es/page.js", "en/page.js", "en/board.js", "notes/readme.md", "loader.js"]
    assert languages([f"i18n/locales/{name}" for name in names] + ["de/page.js"]) == ["en", "es"]


def test_the_page_loads_its_own_scripts_early_and_no_words() -> None:
    assert {"main.js", "i18n/messages.js"} <= set(modules(STATIC))
    assert not [name for name in modules(STATIC) if "locales" in name]
    assert "i18n/locales/en/page.js" in STATIC


def test_only_the_page_of_the_lesson_loads_its_scripts() -> None:
    assert "lesson/lesson.js" in STATIC
    assert not [name for name in modules(STATIC) if name.startswith("lesson/")]


def test_files_of_types_are_not_loaded() -> None:
    """No script imports them when it runs, so a browser would fetch them for nothing."""
    assert {"model/types.js", "model/page_types.js"} <= STATIC.keys()
    assert not [name for name in modules(STATIC) if "types" in name]
    scripts = [file.body.decode() for name, file in STATIC.items() if name.endswith(".js")]
    assert not [text for text in scripts if re.search(r"""^import [^("]*"[^"]*types\.js";""", text, re.MULTILINE)]
