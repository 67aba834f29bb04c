"""Language codes: one canonical code (BCP 47) for each language, whatever code or name a platform or a setting uses."""

import difflib
from collections.abc import Iterable

import regex

from ingest.posts.cache import TextCache
from ingest.posts.language_codes import ALIASES, GRANDFATHERED, MISTAKEN, NAMES, SCRIPTS, TWO_LETTERS

#: The code of an unknown language.
UNKNOWN = "und"

#: The longest code (RFC 5646).
MAX_CHARACTERS = 35
#: Size of the cache of canonical codes.
CACHED_CODES = 4096
# A name that is at least this similar (difflib) is suggested.
_SIMILARITY = 0.75

# No language, several, or one without a code. X marks posts without words with codes from qaa to qtz.
_NO_LANGUAGE = regex.compile(r"und|zxx|mul|mis|art|q[a-t][a-z]|root")
_CODE = regex.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<extended>[a-z]{3}))?(?:-[a-z]{3}){0,2}"
    r"(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?(?P<rest>(?:-[a-z0-9]{1,8})*)"
)
_EVERYTHING = {"all", "any", "*", "every", "everything"}
_CHINESE_SCRIPTS = {"CN": "Hans", "SG": "Hans", "MY": "Hans", "TW": "Hant", "HK": "Hant", "MO": "Hant"}


def canonical(code: str) -> str:
    """Return the canonical code of the language, script and region that `code` names; `und` if it names no language.

    Variants and extensions are dropped: they do not make another language. The usual script of a language is dropped,
    too.
    """
    return _cached[code]


def canonical_all(codes: Iterable[str]) -> list[str]:
    """Return the canonical form of each code, see `canonical`."""
    return list(map(_cached.__getitem__, codes))


def parse_codes(codes: Iterable[str]) -> list[str]:
    """Return the canonical codes of a setting, each once.

    Raises:
        ValueError: One of them is not a code of a language. The text is one sentence.

    """
    return list(dict.fromkeys(_checked(code) for code in codes))


def includes(wanted: str, code: str) -> bool:
    """Return whether the canonical code `wanted` includes posts of the canonical code `code`: `pt` includes `pt-BR`."""
    if wanted == code:
        return True
    parts = _with_script(code).split("-")
    language, *others = wanted.split("-")
    # The wanted parts must occur in this order, with any parts between them (RFC 4647, extended filtering).
    rest = iter(parts[1:])
    return parts[0] == language and all(other in rest for other in others)


def chinese_script(code: str) -> str | None:
    """Return the script of a canonical code of Chinese, from its script or its region; None if it has neither."""
    parts = _with_script(code).split("-")
    return next((part for part in parts[1:] if part in {"Hans", "Hant"}), None)


def _canonical(code: str) -> str:
    if len(code) > MAX_CHARACTERS:
        return UNKNOWN
    # Names of system locales look like pt_BR.UTF-8 or de_DE@euro.
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
    # An extended language, such as zh-yue, has a code of its own.
    language, *implied = ALIASES.get(match["extended"] or language, match["extended"] or language).split("-")
    script, region = (match["script"] or "").title(), (match["region"] or "").upper()
    for part in implied:
        script, region = (script or part, region) if len(part) == 4 else (script, region or part)
    if script and script == (_CHINESE_SCRIPTS.get(region) if language == "zh" else SCRIPTS.get(language, "Latn")):
        script = ""
    return "-".join(part for part in (language, script, region) if part)


def _with_script(code: str) -> str:
    """Return a canonical code; a code of Chinese with a region gets the script that is usual there."""
    language, _, region = code.partition("-")
    script = _CHINESE_SCRIPTS.get(region) if language == "zh" else None
    return f"zh-{script}-{region}" if script else code


def _checked(code: str) -> str:
    found = canonical(code)
    if code.lower() in _EVERYTHING:
        raise ValueError(f"{code!r} is not a language: leave it empty for posts of all languages")
    if found != UNKNOWN or code.lower() == UNKNOWN:
        return found
    suggestion = _suggestion(code.strip().lower())
    raise ValueError(
        f"{code[:MAX_CHARACTERS]!r} is not a language code: a code has two or three letters, such as en for English"
        + (f"; did you mean {suggestion}?" if suggestion else "")
    )


def _suggestion(name: str) -> str | None:
    if name in MISTAKEN:
        return MISTAKEN[name]
    likely = [name] if name in NAMES else difflib.get_close_matches(name[:MAX_CHARACTERS], NAMES, 1, _SIMILARITY)
    return NAMES[likely[0]] if likely else None


_cached = TextCache(_canonical, CACHED_CODES, MAX_CHARACTERS)
