"""Find misspelt settings: unknown names in `.env` or behind `make run`, and similar names in the environment."""

from __future__ import annotations

import json
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class NameTable:
    """The names that are read by one of the services, by Compose, by make, or by other programs (patterns)."""

    def __init__(self, settings: Iterable[str], others: Iterable[str], foreign: Iterable[str]) -> None:
        self.settings = frozenset(settings)
        self._others = frozenset(others)
        self._foreign = tuple(foreign)

    @classmethod
    def load(cls) -> NameTable:
        """Read the table beside this file, which `make docs` writes."""
        return cls(**json.loads(Path(__file__).with_name("settings_names.json").read_text()))

    def unknown(self, names: Iterable[str], where: str) -> str | None:
        """A sentence about the first of `names` that no program reads, or None. `where`: the place of the names."""
        for name in names:
            meant = self.meant(name)
            foreign = any(fnmatchcase(name.upper(), pattern) for pattern in self._foreign)
            if self._is_read(name) or (meant is None and foreign):
                continue
            meant = meant or "".join(get_close_matches(name.upper(), sorted(self.settings), 1))
            return f"{name} {where} is not a setting" + (f"; did you mean {meant}?" if meant else "")
        return None

    def misspelt(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Names of the environment that are similar to a setting, each with that setting."""
        found = {name: self.meant(name) for name in environ if name != "TRACE"}
        # Systems set LANGUAGE to a list such as en_US:en.
        if {"_", ":"} & set(environ.get("LANGUAGE", "")):
            found.pop("LANGUAGE")
        return {name: meant for name, meant in found.items() if meant is not None}

    def meant(self, name: str) -> str | None:
        """The setting from which `name` differs by one or two letters, or None."""
        if self._is_read(name) or len(name) < 4:
            return None
        least = max(0.8, 1 - 2 / len(name))
        return next(iter(get_close_matches(name.upper(), sorted({*self.settings, "FRESH"}), 1, least)), None)

    def _is_read(self, name: str) -> bool:
        return name.upper() in self.settings or name in self._others
