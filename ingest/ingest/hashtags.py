"""Hashtags: where they stand in a text, and which spellings are one tag.

The rule is that of the twitter-text library (its conformance suite names the cases): a `#` or `＃` that does not
follow a letter, a digit or `&`; then letters, marks, digits, `_` and a few characters that stand inside words of some
scripts; at least one letter or mark; not followed by another `#` or by `://`; not inside a web address. Letters and
digits are those of the whole of Unicode.

One difference: that library knows every top-level domain, this one takes `name.name/` for an address.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import regex

from ingest.post import Tag

#: Spellings whose folding is remembered, and the longest of them; bounds, so that memory stays flat.
REMEMBERED_LABELS = 16_384
REMEMBERED_LENGTH = 140

_LETTER = r"\p{L}\p{M}"
# Digits, and twitter-text's "special characters": joiners, Hebrew points, Japanese marks, Tibetan delimiters, a dot.
_INNER = r"\p{Nd}_\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\u00b7"
_HASHTAG = (
    # A variation selector is a mark, but here it ends an emoji.
    rf"[#＃](?<![[{_LETTER}{_INNER}&]--[\ufe0e\ufe0f]][#＃])(?![\ufe0f\u20e3])"
    rf"(?=[{_INNER}]*+[{_LETTER}])(?P<label>[{_LETTER}{_INNER}]++)(?![#＃]|://)"
)
# Each part starts where its run of characters starts and ends where it ends: the time is linear in the text.
_HOST = r"(?:(?i:https?)://[\p{L}\p{N}._\-]++|(?<![A-Za-z0-9@＠$#＃._\-])[A-Za-z0-9._\-]++(?<=\.[A-Za-z]{2,}))"
_PATH = r"[A-Za-z0-9\u00c0-\u024f\u0400-\u04ff!*';:=+,.$/%#\[\]\-\u2013_~@|&?()]*"
_ADDRESS = rf"{_HOST}(?::[0-9]+)?/{_PATH}(?<=[A-Za-z0-9\u00c0-\u024f\u0400-\u04ff=_#/+\-&)])"

_hashtag = regex.compile(_HASHTAG, regex.V1)
_hashtag_outside_address = regex.compile(rf"{_ADDRESS}|{_HASHTAG}", regex.V1)


def fold(label: str) -> str:
    """Return the key under which all spellings of a hashtag are counted: NFKC, case folding, NFKC (docs/protocol.md).

    The second normalisation is needed because case folding may leave text that is not normal.
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).casefold())


def extract(text: str) -> list[str]:
    """Return the hashtags of `text` as written, without the `#`, in order, repeated ones too."""
    if "#" not in text and "＃" not in text:
        return []
    if "/" not in text:
        return _hashtag.findall(text)
    # The only group is the label, which an address doesn't have.
    return [label for label in _hashtag_outside_address.findall(text) if label]


def tags_of(labels: Iterable[str]) -> list[Tag]:
    """Return each folded tag once, in order of appearance; of several spellings the first is the label."""
    tags: dict[str, Tag] = {}
    for label in labels:
        tag = _remembered_tag(label) if len(label) <= REMEMBERED_LENGTH else _tag(label)
        if tag.key:
            tags.setdefault(tag.key, tag)
    return list(tags.values())


def _tag(label: str) -> Tag:
    return Tag(fold(label), label)


_remembered_tag = lru_cache(REMEMBERED_LABELS)(_tag)
