"""Copies of the notebooks for a reader, who changes them and keeps what they print: `lesson_copies.py FROM TO`.

A copy that is there stays as it is. Delete it to get a new one. Needs the standard library only, for the image too.
"""

import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path


def copy_lessons(source: Path, target: Path, replaced: Mapping[str, str]) -> list[Path]:
    """Copy the notebooks that `target` lacks.

    Args:
        source: The folder that has a folder of notebooks for each language.
        target: The folder of the copies.
        replaced: Addresses and ports of the notebooks, each with the one of this machine.

    Returns:
        The copies that were made.

    """
    made = []
    for notebook in sorted(source.glob("*/*.ipynb")):
        copy = target / notebook.relative_to(source)
        if copy.exists():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = notebook.read_text(encoding="utf-8")
        # The copy is whole or not there at all.
        unfinished = copy.with_suffix(".part")
        unfinished.write_text(with_addresses(text, replaced), encoding="utf-8")
        shutil.move(unfinished, copy)
        made.append(copy)
    return made


def with_addresses(text: str, replaced: Mapping[str, str]) -> str:
    """`text` with the addresses and ports of this machine."""
    if not replaced:
        return text
    names = "|".join(rf"(?<![\w.]){re.escape(name)}(?!\w)" for name in sorted(replaced, key=len, reverse=True))
    return re.sub(names, lambda found: replaced[found[0]], text)


if __name__ == "__main__":
    copy_lessons(Path(sys.argv[1]), Path(sys.argv[2]), {})
