"""Extract hashtags from a text, and make the tags of a post of them.

The rule is that of the twitter-text library (its conformance suite names the cases): a `#` or `＃` that does not
follow a letter, a digit or `&`; then letters, marks, digits, `_` and a few characters that stand inside words of some
scripts; at least one letter or mark; not followed by another `#` or by `://`; not inside a web address. Letters and
digits are those of the whole of Unicode.

docs/protocol.md lists the differences; `tests/ingest/posts/test_twitter_text.py` compares the two.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from ingest.posts.character_class import character_classes
from ingest.posts.labels import MAX_BYTES, MAX_GRAPHEMES, MAX_RAW_CHARACTERS, clean, fold, is_too_long
from ingest.posts.post import Tag

__all__ = ["TOO_LONG", "TOO_MANY", "dropped_reasons", "extract", "extract_all", "fold", "tags_of"]

#: Size of the cache of folded labels, and the longest label in it (characters). Both bound its memory.
CACHED_LABELS = 65_536
MAX_CACHED_CHARACTERS = 140
#: Most tags of one post; further tags are dropped.
MAX_TAGS = 100

#: Reasons for dropped tags; they are counted in `malformed` together with the dropped inputs.
TOO_MANY = f"more than {MAX_TAGS} tags"
TOO_LONG = f"tag longer than {MAX_GRAPHEMES} characters or {MAX_BYTES} bytes"

_LETTER = r"\p{L}\p{M}"
# Digits, and twitter-text's "special characters": joiners, Hebrew points, Japanese marks, Tibetan delimiters, a dot.
_INNER = r"\p{Nd}_\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\u00b7"
_letter, _inner, _in_label, _in_word, _in_host = character_classes(
    f"[{_LETTER}]",
    f"[{_INNER}]",
    f"[{_LETTER}{_INNER}]",
    # A variation selector is a mark, but here it ends an emoji.
    rf"[[{_LETTER}{_INNER}&]--[\ufe0e\ufe0f]]",
    r"[\p{L}\p{M}\p{N}_\-]",
)
# Stands twice between texts that are searched together. No other part of the patterns matches it, so hashtags and
# addresses end before it, as at the end of a text. The second one is found like a label: it shows where a text ends.
_SEPARATOR = "\0"
_BEGINS_TAG = (
    rf"(?<=[#＃]){_in_word.not_before('[#＃]')}(?![\ufe0f\u20e3])(?=[{_letter.basic}]|{_inner.any}{_letter.one})"
)
# It begins with one plain set, which `re` searches fast.
_HASHTAG = (
    rf"[#＃{_SEPARATOR}](?:((?<={_SEPARATOR}){_SEPARATOR}|{_BEGINS_TAG}{_in_label.many}(?![#＃]|://))"
    rf"|{_BEGINS_TAG}{_in_label.many}[#＃])"
)
# Web addresses. Each part is possessive (it never backtracks), so the time is linear in the text. A path is made of
# pieces that each end with a character that may end a path. Parentheses belong to it in pairs, nested once at most.
_LATIN = r"\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_WORD = rf"A-Za-z0-9{_LATIN}\u0400-\u04ff"
_IN_PATH, _ENDS_PATH = r"[!*';:,.$%\[\]\u2013~@|&]", rf"[{_WORD}=_#/+\-]"
_STEP = rf"(?:{_IN_PATH}|{_ENDS_PATH})"
_PAIR = rf"\((?:{_STEP}++|{_STEP}*+\({_STEP}++\){_STEP}*+)\)"
_PATH = rf"/(?:{_IN_PATH}*+(?:{_ENDS_PATH}|{_PAIR}))*+"
_QUERY = r"\?(?:[!?*'@();:+$%\[\].,~|]*+[A-Za-z0-9\-_&=#/])++"
_BEFORE = r"A-Za-z0-9@＠$#＃\u202a-\u202e"
_SHORT = r"(?i:t\.co)/[A-Za-z0-9]++"
_HOST = rf"(?:(?:{_in_host.many}\.)++{_in_host.many}|(?i:localhost))"
_WITH_SCHEME = rf"[Hh][Tt][Tt][Pp][Ss]?://(?:{_SHORT}|{_HOST}(?::[0-9]++)?(?:{_PATH})?)"
_BARE = rf"(?<![._/\-{_LATIN}])(?:[A-Za-z0-9{_LATIN}][A-Za-z0-9\-{_LATIN}]*+\.)++[A-Za-z]{{2,}}+(?::[0-9]++)?{_PATH}"
_ADDRESS = rf"(?<![{_BEFORE}])(?:{_WITH_SCHEME}|{_BARE})(?:{_QUERY})?+"

_hashtag = re.compile(_HASHTAG)
_hashtag_outside_address = re.compile(f"{_ADDRESS}|{_HASHTAG}")
# Addresses have no blanks, so a hashtag may be inside one only if there is a slash before it, and no blank in between.
_sign_behind_slash = re.compile(r"/[^\s/#＃]*+[#＃]")


def extract(text: str) -> list[str]:
    """Return the hashtags of `text` as written, without the `#`, in order and with repetitions."""
    return extract_all([text])[0]


def extract_all(texts: Sequence[str]) -> list[list[str]]:
    """Return the hashtags of each text, see `extract`; to search many texts at once is faster."""
    labels: list[list[str]] = [[] for _ in texts]
    plain: list[int] = []
    linked: list[int] = []
    for place, text in enumerate(texts):
        if "#" in text or "＃" in text:
            (linked if "/" in text and _sign_behind_slash.search(text) else plain).append(place)
    for pattern, places in (_hashtag, plain), (_hashtag_outside_address, linked):
        for place, found in zip(places, _find_all(pattern, [texts[place] for place in places]), strict=True):
            labels[place] = found
    return labels


def _find_all(pattern: "re.Pattern[str]", texts: Sequence[str]) -> list[list[str]]:
    """Return the labels that the pattern finds in each text."""
    if not texts:
        return []
    # The only group is the label. It is empty for an address, and for text that only looks like a hashtag.
    found = pattern.findall((2 * _SEPARATOR).join(texts))
    # No label has a blank.
    labels = [each.split() for each in "\n".join(found).split(_SEPARATOR)]
    if len(labels) > len(texts):  # one of the texts has the separator in it
        return [[each for each in pattern.findall(text) if each not in {"", _SEPARATOR}] for text in texts]
    return labels


def tags_of(labels: Sequence[str]) -> list[Tag]:
    """Return each distinct tag once, in order of appearance, `MAX_TAGS` at most, with its first spelling as label.

    A label that is invisible or too long makes no tag.
    """
    made = [_cached_tag(label) if len(label) <= MAX_CACHED_CHARACTERS else _tag(label) for label in labels]
    if len(made) == 1 and made[0].key:
        return made
    tags: dict[str, Tag] = {}
    for tag in made:
        if tag.key and tag.key not in tags:
            if len(tags) == MAX_TAGS:
                break
            tags[tag.key] = tag
    return list(tags.values())


def dropped_reasons(labels: Sequence[str], tags: Sequence[Tag]) -> list[str]:
    """Return the reasons why `tags_of` dropped some of these `labels`; [] if it dropped only repetitions."""
    if len(labels) == len(tags):
        return []
    reasons = []
    if len(tags) == MAX_TAGS:
        keys = {tag.key for tag in tags}
        if any(key and key not in keys for key in (_tag(label).key for label in labels)):
            reasons.append(TOO_MANY)
    if any(_displayed(label) is None for label in labels):
        reasons.append(TOO_LONG)
    return reasons


def _tag(label: str) -> Tag:
    displayed = _displayed(label)
    return _NO_TAG if displayed is None else Tag(fold(displayed), displayed)


def _displayed(label: str) -> str | None:
    """Return a label as it is displayed; None if it is too long."""
    displayed = clean(label) if len(label) <= MAX_RAW_CHARACTERS else label
    return None if is_too_long(displayed) else displayed


_NO_TAG = Tag("", "")
_cached_tag = lru_cache(CACHED_LABELS)(_tag)
