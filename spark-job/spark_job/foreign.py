"""Text from outside (servers, posts, files) on its way into a log line or a message."""

import unicodedata

MAX_CHARACTERS = 500
# Controls, format characters (among them those that turn the direction of writing), surrogates, line and paragraph
# separators, and what is not assigned.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def shown(text: object, most: int = MAX_CHARACTERS) -> str:
    """`text` on one line, as a terminal may show it: what is invisible or moves the cursor is written as an escape."""
    line = str(text)
    cut = line if len(line) <= most else line[: most - 1] + "…"
    return "".join(_escape(character) if unicodedata.category(character) in _HIDDEN else character for character in cut)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
