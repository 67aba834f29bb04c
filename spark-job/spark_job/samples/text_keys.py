"""The keys of all that may be a tag in a text. Ingest alone decides which of them are tags."""

import re
import unicodedata
from collections.abc import Iterator

from spark_job.mute.mute_list import fold, without_signs

_candidate = re.compile(r"[#＃﹟][^\s#＃﹟]+")
#: The first letters of Unicode's categories of characters that may be part of a tag: letters, marks, numbers.
_OF_TAGS = "LMN"
#: Others that may be: `_`, joiners, and two signs between words.
_INSIDE = frozenset({"Pc", "Cf"})
_MIDDLE_DOTS = frozenset("·・")


def keys_in(text: str) -> Iterator[str]:
    """The key of each word behind a number sign: up to a character that can't be in a tag, and up to a blank."""
    for word in _candidate.findall(text) if "#" in text or "＃" in text or "﹟" in text else ():
        name = without_signs(word)
        end = next((place for place, character in enumerate(name) if not _is_of_tag(character)), len(name))
        yield fold(name[:end])
        if end < len(name):
            yield fold(name)


def _is_of_tag(character: str) -> bool:
    if character.isalnum():
        return True
    category = unicodedata.category(character)
    return category[0] in _OF_TAGS or category in _INSIDE or character in _MIDDLE_DOTS
