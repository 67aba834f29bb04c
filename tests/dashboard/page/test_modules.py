from __future__ import annotations

from tests.dashboard.conftest import ROOT

from dashboard.page.modules import languages, modules
from dashboard.page.static_files import load_static_files

STATIC = load_static_files(ROOT / "dashboard/dashboard/static").files


def test_a_language_is_one_file() -> None:
    assert languages(["i18n/locales/es.js", "i18n/locales/en.js", "i18n/locales/notes.md", "words.js"]) == ["en", "es"]


def test_the_page_loads_its_own_scripts_early_and_no_words() -> None:
    assert {"main.js", "i18n/messages.js"} <= set(modules(STATIC))
    assert not {"en.js", "i18n/locales/en.js"} & set(modules(STATIC))
