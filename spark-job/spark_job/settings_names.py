"""Find misspelt settings: unknown names in `.env`, and similar names in the environment."""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

KNOWN = json.loads(Path(__file__).with_name("settings_names.json").read_text())
SETTINGS = [*KNOWN["settings"], "FRESH"]


def closest(name: str) -> str | None:
    """The setting from which `name` differs by one or two letters, or None."""
    known = name.upper() in KNOWN["settings"] or name in KNOWN["others"]
    if known or len(name) < 4:
        return None
    found = get_close_matches(name.upper(), SETTINGS, 1, max(0.8, 1 - 2 / len(name)))
    return found[0] if found else None


def is_read_by_somebody(name: str) -> bool:
    """Whether one of the services, Compose, make or another program may read a variable of this name."""
    if name.upper() in KNOWN["settings"] or name in KNOWN["others"]:
        return True
    return closest(name) is None and any(fnmatchcase(name.upper(), one) for one in KNOWN["foreign"])


def unknown_name(name: str) -> str:
    """The sentence about a name in `.env` that no program reads."""
    guesses = [closest(name), *get_close_matches(name.upper(), KNOWN["settings"], 1)]
    hints = [f"; did you mean {guess}?" for guess in guesses if guess]
    return f"{name} in .env is not a setting" + "".join(hints[:1])


def misspelt_variables(environ: Mapping[str, str]) -> Iterator[str]:
    """A sentence about each variable of the environment that is similar to a setting."""
    for name, value in environ.items():
        # Systems set LANGUAGE to a list such as en_US:en, and TRACE is a common name.
        if name == "TRACE" or (name == "LANGUAGE" and ("_" in value or ":" in value)):
            continue
        guess = closest(name)
        if guess:
            yield f"{name} is not a setting; did you mean {guess}?"
