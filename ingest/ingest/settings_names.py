"""Misspelt names of settings: refused in `.env`, reported in the environment, which is full of other names."""

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

#: Made by `make docs`: settings of all services, names that only Compose or make read, patterns of foreign names.
NAMES: dict[str, list[str]] = json.loads(Path(__file__).with_name("settings_names.json").read_text())
#: Names of other programs that look like one of our settings.
COMMON = {"TRACE"}


def similar_setting(name: str) -> str | None:
    """Return the setting that differs from `name` in about one letter of five, but at most two letters."""
    if name.upper() in NAMES["settings"] or name in NAMES["others"] or len(name) < 4:
        return None
    cutoff = max(0.8, 1 - 2 / len(name))
    return next(iter(get_close_matches(name.upper(), [*NAMES["settings"], "FRESH"], 1, cutoff)), None)


def why_unknown(name: str) -> str | None:
    """Return a sentence about a name in `.env` that no program reads, or None."""
    similar = similar_setting(name)
    if similar is None:
        if name.upper() in NAMES["settings"] or name in NAMES["others"]:
            return None
        if any(fnmatchcase(name.upper(), pattern) for pattern in NAMES["foreign"]):
            return None
        similar = next(iter(get_close_matches(name.upper(), NAMES["settings"], 1)), None)
    return f"{name} in .env is not a setting" + (f"; did you mean {similar}?" if similar else "")


def misspelt(environ: Mapping[str, str]) -> list[str]:
    """Return a sentence about each name of the environment that is nearly a setting."""
    sentences = []
    for name in environ.keys() - COMMON:
        # Systems set LANGUAGE to a list such as en_US:en.
        if name == "LANGUAGE" and re.search("[_:]", environ[name]):
            continue
        if similar := similar_setting(name):
            sentences.append(f"{name} is not a setting; did you mean {similar}?")
    return sentences
