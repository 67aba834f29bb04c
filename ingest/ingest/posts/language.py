"""Codes of languages: each language under one (BCP 47), whatever a platform or a setting calls it."""

import difflib
from collections.abc import Iterable
from functools import lru_cache

import regex

from ingest.posts.language_codes import ALIASES, GRANDFATHERED, MISTAKEN, NAMES, SCRIPTS, TWO_LETTERS

#: What a post says that says nothing of its language.
UNKNOWN = "und"

#: No code is longer (RFC 5646).
MAX_CHARACTERS = 35
REMEMBERED = 4096
# A name that is spelled nearly so is suggested.
_LIKENESS = 0.75

# No language, several, or one that has no code; X says what a post without words is made of by codes from qaa to qtz.
_NO_LANGUAGE = regex.compile(r"und|zxx|mul|mis|art|q[a-t][a-z]|root")
_CODE = regex.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<extended>[a-z]{3}))?(?:-[a-z]{3}){0,2}"
    r"(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?(?P<rest>(?:-[a-z0-9]{1,8})*)"
)
_EVERYTHING = {"all", "any", "*", "every", "everything"}
_CHINESE_SCRIPTS = {"CN": "Hans", "SG": "Hans", "MY": "Hans", "TW": "Hant", "HK": "Hant", "MO": "Hant"}


def canonical(code: str) -> str:
    """Return the code of the language, script and region that `code` names; `und` if it names none.

    Variants and extensions are dropped: they are no other language. So is the script that everybody expects.
    """
    return _canonical(code) if len(code) <= MAX_CHARACTERS else UNKNOWN


def chosen(codes: Iterable[str]) -> list[str]:
    """Return the canonical codes of a setting, each once.

    Raises:
        ValueError: one of them is no code of a language; one sentence.

    """
    return list(dict.fromkeys(_checked(code) for code in codes))


def takes(wanted: str, spoken: str) -> bool:
    """Say whether the canonical `wanted` code takes posts of the canonical `spoken` one: `pt` takes `pt-BR`."""
    if wanted == spoken:
        return True
    parts = _with_script(spoken).split("-")
    language, *others = wanted.split("-")
    # What is wanted, in this order, with anything between (RFC 4647, extended filtering).
    rest = iter(parts[1:])
    return parts[0] == language and all(other in rest for other in others)


def chinese_script(code: str) -> str | None:
    """Return the script of a canonical code of Chinese, if it says so itself or by its region."""
    parts = _with_script(code).split("-")
    return next((part for part in parts[1:] if part in {"Hans", "Hant"}), None)


@lru_cache(REMEMBERED)
def _canonical(code: str) -> str:
    # The system's names of languages are such as pt_BR.UTF-8 or de_DE@euro.
    plain = code.strip().partition(".")[0].partition("@")[0].replace("_", "-").lower()
    plain = GRANDFATHERED.get(plain, plain).lower()
    match = _CODE.fullmatch(plain)
    if match is None:
        return UNKNOWN
    language = match["language"]
    if _NO_LANGUAGE.fullmatch(language) and not match["extended"]:
        return UNKNOWN
    if len(language) == 2 and language not in TWO_LETTERS:
        return UNKNOWN
    # A language under another, such as zh-yue, has a code of its own.
    language, *implied = ALIASES.get(match["extended"] or language, match["extended"] or language).split("-")
    script, region = (match["script"] or "").title(), (match["region"] or "").upper()
    for part in implied:
        script, region = (script or part, region) if len(part) == 4 else (script, region or part)
    if script and script == (_CHINESE_SCRIPTS.get(region) if language == "zh" else SCRIPTS.get(language, "Latn")):
        script = ""
    return "-".join(part for part in (language, script, region) if part)


def _with_script(code: str) -> str:
    """Return a canonical code with the script of Chinese that goes without saying in its region."""
    language, _, region = code.partition("-")
    script = _CHINESE_SCRIPTS.get(region) if language == "zh" else None
    return f"zh-{script}-{region}" if script else code


def _checked(code: str) -> str:
    found = canonical(code)
    if code.lower() in _EVERYTHING:
        raise ValueError(f"{code!r} is no language: leave it empty for posts of all languages")
    if found != UNKNOWN or code.lower() == UNKNOWN:
        return found
    suggestion = _suggestion(code.strip().lower())
    raise ValueError(
        f"{code[:MAX_CHARACTERS]!r} is no code of a language: a code has two or three letters, such as en for English"
        + (f"; did you mean {suggestion}?" if suggestion else "")
    )


def _suggestion(name: str) -> str | None:
    if name in MISTAKEN:
        return MISTAKEN[name]
    likely = [name] if name in NAMES else difflib.get_close_matches(name[:MAX_CHARACTERS], NAMES, 1, _LIKENESS)
    return NAMES[likely[0]] if likely else None
