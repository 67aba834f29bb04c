"""Extract hashtags from a text, and make the tags of a post of them.

The rule is that of the twitter-text library (its conformance suite names the cases): a `#` or `＃` that does not
follow a letter, a digit or `&`; then letters, marks, digits, `_` and a few characters that stand inside words of some
scripts; at least one letter or mark; not followed by another `#` or by `://`; not inside a web address. Letters and
digits are those of the whole of Unicode.

docs/protocol.md lists the differences; `tests/ingest/posts/test_twitter_text.py` compares the two.
"""

import re
from collections.abc import Callable, Sequence

import msgspec

from ingest.posts.cache import TextCache
from ingest.posts.character_class import character_classes
from ingest.posts.labels import MAX_BYTES, MAX_GRAPHEMES, MAX_RAW_CHARACTERS, clean, fold, is_too_long
from ingest.posts.post import Tag

__all__ = [
    "TOO_LONG",
    "TOO_MANY",
    "TextTags",
    "dropped_reasons",
    "extract",
    "extract_all",
    "fold",
    "tags_of",
    "tags_of_labels",
    "tags_of_texts",
]

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
# Stands between texts that are searched together. No other part of the patterns matches a NUL, so hashtags and
# addresses end before it, as at the end of a text. The `#` and the second NUL are found like a hashtag: they show where
# a text ends.
_NUL = "\0"
_SEPARATOR = f"{_NUL}#{_NUL}"
# Stands before each label of a text where they are joined. No label that is found in a text has a blank.
_BEFORE_LABEL = "\n"
_BEGINS_TAG = rf"{_in_word.not_before('[#＃]')}(?![\ufe0f\u20e3])(?=[{_letter.basic}]|{_inner.any}{_letter.one})"
_BEHIND_SIGN = rf"(?:({_NUL}|{_BEGINS_TAG}{_in_label.many}(?![#＃]|://))|{_BEGINS_TAG}{_in_label.many}[#＃])"
# `re` searches one character much faster than a set.
_PLAIN_HASHTAG = f"#{_BEHIND_SIGN}"
_HASHTAG = f"[#＃]{_BEHIND_SIGN}"
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

_plain_hashtag = re.compile(_PLAIN_HASHTAG)
_hashtag_outside_address = re.compile(f"{_ADDRESS}|{_HASHTAG}")
# Addresses have no blanks, so a hashtag may be inside one only if there is a slash before it, and no blank in between.
_sign_behind_slash = re.compile(rf"/[^\s/#＃{_NUL}]*+[#＃]")


class TextTags(msgspec.Struct, frozen=True, gc=False):
    """The tags of a text, the characters of all their keys and labels, and why other tags of it were dropped."""

    tags: tuple[Tag, ...]
    characters: int
    dropped: Sequence[str]


def extract(text: str) -> list[str]:
    """Return the hashtags of `text` as written, without the `#`, in order and with repetitions."""
    return extract_all([text])[0]


def extract_all(texts: Sequence[str]) -> list[list[str]]:
    """Return the hashtags of each text, see `extract`."""
    return [joined.split(_BEFORE_LABEL)[1:] for joined in _joined_labels(texts)]


def tags_of_texts(texts: Sequence[str]) -> list[TextTags]:
    """Return the tags of each text; to search many texts at once is faster."""
    return list(map(_tags_of_joined.__getitem__, _joined_labels(texts)))


def tags_of_labels(labels: Sequence[str]) -> TextTags:
    """Return the tags of labels that a platform reports."""
    if any(_BEFORE_LABEL in label for label in labels):
        return _text_tags(labels)
    return _tags_of_joined["".join([_BEFORE_LABEL + label for label in labels])]


def _joined_labels(texts: Sequence[str]) -> list[str]:
    """Return the labels of each text in one, each behind a `_BEFORE_LABEL`."""
    joined = _SEPARATOR.join(texts)
    if "/" not in joined or not _sign_behind_slash.search(joined):
        return _find_all(_find_plain, texts, joined)
    linked = {place: text for place, text in enumerate(texts) if "/" in text and _sign_behind_slash.search(text)}
    plain, addressed = ["" if place in linked else text for place, text in enumerate(texts)], [*linked.values()]
    labels = _find_all(_find_plain, plain, _SEPARATOR.join(plain))
    outside = _find_all(_hashtag_outside_address.findall, addressed, _SEPARATOR.join(addressed))
    for place, found in zip(linked, outside, strict=True):
        labels[place] = found
    return labels


def _find_plain(text: str) -> list[str]:
    # Both signs mean the same, except in addresses.
    return _plain_hashtag.findall(text.replace("＃", "#"))


def _find_all(find: Callable[[str], list[str]], texts: Sequence[str], joined: str) -> list[str]:
    """Return what `find` finds in each text, see `_joined_labels`; `joined` has all texts with separators."""
    # The only group of a pattern is the label. It is empty for an address, and for text that looks like a hashtag.
    found = list(filter(None, find(joined)))
    labels = f"{_BEFORE_LABEL}{_BEFORE_LABEL.join(found)}".split(_BEFORE_LABEL + _NUL) if found else [""]
    if len(labels) > len(texts):  # one of the texts has the end of the separator in it
        return ["".join(_BEFORE_LABEL + each for each in find(text) if each not in {"", _NUL}) for text in texts]
    return labels


def tags_of(labels: Sequence[str]) -> list[Tag]:
    """Return each distinct tag once, in order of appearance, `MAX_TAGS` at most, with its first spelling as label.

    A label that is invisible or too long makes no tag.
    """
    tags: dict[str, Tag] = {}
    for label in labels:
        for tag in _tags_of_joined[_BEFORE_LABEL + label].tags if _BEFORE_LABEL not in label else [_tag(label)]:
            if tag.key and tag.key not in tags:
                if len(tags) == MAX_TAGS:
                    return list(tags.values())
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


def _text_tags(labels: Sequence[str]) -> TextTags:
    tags = tuple(tags_of(labels))
    characters = sum([len(tag.key) + len(tag.label) for tag in tags])
    return TextTags(tags, characters, dropped_reasons(labels, tags))


def _tags_of_one(joined: str) -> TextTags:
    """Return the tags of joined labels that are one at most."""
    labels = joined.split(_BEFORE_LABEL)[1:]
    tag = _tag(labels[0]) if labels else _NO_TAG
    if tag.key:
        return TextTags((tag,), len(tag.key) + len(tag.label), ())
    return TextTags((), 0, dropped_reasons(labels, ()))


class _TagsOfJoined(TextCache[TextTags]):
    """The tags of joined labels, see `_joined_labels`. Several labels are looked up one by one, and not stored."""

    def __missing__(self, joined: str) -> TextTags:
        labels = joined.split(_BEFORE_LABEL)[1:]
        if len(labels) < 2:
            return super().__missing__(joined)
        if len(labels) == 2:
            one, other = self[_BEFORE_LABEL + labels[0]], self[_BEFORE_LABEL + labels[1]]
            if one.tags and other.tags and one.tags[0].key != other.tags[0].key:
                return TextTags(one.tags + other.tags, one.characters + other.characters, ())
        return _text_tags(labels)


def _tag(label: str) -> Tag:
    displayed = _displayed(label)
    return _NO_TAG if displayed is None else Tag(fold(displayed), displayed)


def _displayed(label: str) -> str | None:
    """Return a label as it is displayed; None if it is too long."""
    displayed = clean(label) if len(label) <= MAX_RAW_CHARACTERS else label
    return None if is_too_long(displayed) else displayed


_NO_TAG = Tag("", "")
_tags_of_joined = _TagsOfJoined(_tags_of_one, CACHED_LABELS, MAX_CACHED_CHARACTERS)
