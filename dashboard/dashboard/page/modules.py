"""The page's scripts among its static files: those that it should load early, and its languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LOCALES = "i18n/locales/"
VENDOR = "vendor/"
SCRIPT = ".js"


def languages(names: Iterable[str]) -> list[str]:
    """Codes of the languages that the page can speak: one file each. `names`: paths in the static folder."""
    scripts = (name for name in names if name.startswith(LOCALES) and name.endswith(SCRIPT))
    return sorted(name.removeprefix(LOCALES).removesuffix(SCRIPT) for name in scripts)


def modules(names: Iterable[str]) -> list[str]:
    """The scripts that every reader needs; the words come when a language is chosen."""
    return sorted(name for name in names if name.endswith(SCRIPT) and not name.startswith((LOCALES, VENDOR)))
