"""The page's scripts, as they lie in the static folder: what the page should load early, and its languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

WORDS = "words"


def languages(static: Path) -> list[str]:
    """Codes of the languages that the page can speak: one file each."""
    return sorted(path.stem for path in (static / WORDS).glob("*.js"))


def modules(static: Path) -> list[str]:
    """The scripts that every reader needs, as names in the static folder; the words come when a language is chosen."""
    return sorted(path.name for path in static.glob("*.js"))
