"""Find fonts on this machine for the preview picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DIRECTORIES = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
)
SUFFIXES = {".ttf", ".otf", ".ttc"}

#: Those that Latin text is set in, best first: all of them have a bold face, digits and a #.
FAMILIES = ("Noto Sans", "DejaVu Sans", "Liberation Sans", "Open Sans", "Roboto", "Arial", "Helvetica")


@dataclass(frozen=True)
class Fonts:
    """`family` sets what it has characters for; for others the first of `files` is taken that has them."""

    family: str
    files: Sequence[str]


def find_fonts(directories: Iterable[str] = DIRECTORIES) -> Fonts | None:
    """The fonts in these directories and below; None if none of `FAMILIES` is there."""
    found = [path for root in map(_folder, directories) for path in root.rglob("*") if path.suffix.lower() in SUFFIXES]
    names = {_plain(path.stem) for path in found}
    for family in FAMILIES:
        if _plain(family) in names:
            return Fonts(family, [str(path) for path in sorted(found, key=_order)])
    return None


def _folder(directory: str) -> Path:
    path = Path(directory)
    try:
        return path.expanduser()
    except RuntimeError:
        # A user without a home, as in containers that run under any number, has no fonts of their own.
        return path


def _plain(name: str) -> str:
    """The family in a file's name: `NotoSans-Bold`, `NotoSans[wght]`, `Arial Bold`."""
    return name.replace(" ", "").partition("-")[0].partition("[")[0].lower()


def _order(path: Path) -> tuple[bool, bool, str]:
    """Bold and without serifs first, as the tags are written."""
    return "Sans" not in path.stem, "Bold" not in path.stem, path.name
