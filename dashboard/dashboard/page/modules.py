"""Find the page's scripts among its static files: those to load early, and its languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LOCALES = "i18n/locales/"
VENDOR = "vendor/"
#: Only the page of the lesson loads these.
LESSON = "lesson/"
SCRIPT = ".js"
#: These hold nothing but types for TypeScript's checker. No script imports them when the page runs.
TYPES = ("model/types.js", "model/page_types.js")


def languages(names: Iterable[str]) -> list[str]:
    """Codes of the languages of the page: each has a folder of scripts. `names`: paths in the static folder."""
    scripts = (name.removeprefix(LOCALES) for name in names if name.startswith(LOCALES) and name.endswith(SCRIPT))
    return sorted({code for code, folder, _ in (name.partition("/") for name in scripts) if folder})


def modules(names: Iterable[str]) -> list[str]:
    """The scripts that every page needs. The texts are loaded when a language is chosen."""
    skipped = (LOCALES, VENDOR, LESSON, *TYPES)
    return sorted(name for name in names if name.endswith(SCRIPT) and not name.startswith(skipped))
