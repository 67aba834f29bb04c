"""Fingerprints of texts: copies of one text have the same one, although their links, mentions, numbers or signs differ.

A text is reduced to its letters in lower case. Web addresses, mentions and hashtags are left out first, because copies
are often sent with another link, to another account, or with more hashtags. A text with few letters says too little to
be told from others: it has no fingerprint.
"""

import hashlib
import re
import string
from collections.abc import Iterator, Sequence
from itertools import compress

from ingest.posts.character_class import OUTSIDE_BASIC, character_classes, lead_bytes

#: Bytes of a fingerprint. Of a million texts, two have the same one by chance with a probability of 3 in 100 million.
FINGERPRINT_BYTES = 8
#: A text with fewer bytes of letters (UTF-8) has no fingerprint. Some twenty Latin letters, ten Cyrillic ones, or
#: seven of Chinese: many people write the same short cheer without copying it.
MIN_LETTER_BYTES = 20
#: Only so many characters of a text are looked at, so that the cost of a text is bounded.
MAX_CHARACTERS = 4096

_SEPARATOR = "\0"
_OTHER = r"[^\p{L}\p{M}\p{ASCII}]"
_in_word, _other = character_classes(r"[\p{L}\p{M}\p{N}_]", _OTHER)
_not_a_letter = re.compile(rf"[{_other.basic}{OUTSIDE_BASIC}](?:(?<=[{_other.basic}])|(?<=[{_other.astral}]))")
# ASCII alone: the bytes of all other characters are letters here, and have their highest bit set.
_NO_LETTERS = bytes(code for code in range(1, 128) if chr(code) not in string.ascii_letters)
# Bytes with which UTF-8 begins no character of `_OTHER`. Those of the first plane are below 0xF0.
_LETTERS_ONLY = bytes({*range(0xF0)} - lead_bytes(_OTHER))


class _Signs:
    """The patterns of what is left out, for texts in lower case.

    `re` searches a plain beginning much faster than a set, so each kind has a pattern of its own.
    """

    def __init__(self, word: str, more: str) -> None:
        """Make the patterns.

        Args:
            word: A possessive pattern for one character or more of a word.
            more: A possessive pattern for the characters of a word behind the sign of a hashtag; also none.

        """
        # Web addresses to the next blank; mentions with the server behind them; hashtags.
        self._address = re.compile(rf"(?:https?://|www\.)[^\s{_SEPARATOR}]++")
        self._mention = re.compile(rf"@(?:[.\-@]?{word})++")
        self._hashtag = re.compile(rf"#{more}")

    def removed_from(self, text: str) -> str:
        """Return a text without web addresses, mentions and hashtags."""
        if "://" in text or "www." in text:
            text = self._address.sub("", text)
        if "@" in text:
            text = self._mention.sub("", text)
        return self._hashtag.sub("", text)


_signs_of_ascii = _Signs("[0-9a-z_]++", "[0-9a-z_]*+")
_signs = _Signs(_in_word.many, rf"[{_in_word.basic}]*+(?:(?=[{OUTSIDE_BASIC}]){_in_word.many})?+")


class TextFingerprints:
    """Makes fingerprints under a secret salt, so that nobody can find out whether a guessed text was posted."""

    def __init__(self, salt: bytes) -> None:
        self._state = hashlib.blake2b(b"text", key=salt, digest_size=FINGERPRINT_BYTES)

    def of(self, texts: Sequence[str]) -> list[bytes | None]:
        """Return the fingerprint of each text, as bytes; None for a text with few letters."""
        copy = self._state.copy
        found: list[bytes | None] = [None] * len(texts)
        for group, group_letters in _letters_in_groups(texts):
            for place, letters in zip(group, group_letters, strict=True):
                if len(letters) >= MIN_LETTER_BYTES:
                    state = copy()
                    state.update(letters)
                    found[place] = state.digest()
        return found


def _letters_in_groups(texts: Sequence[str]) -> Iterator[tuple[list[int], list[bytes]]]:
    """Yield the places and the letters of the texts in ASCII, then those of the others."""
    in_ascii = list(map(str.isascii, texts))
    if any(in_ascii):
        yield list(compress(range(len(texts)), in_ascii)), _letters_of_ascii(list(compress(texts, in_ascii)))
    others = [not each for each in in_ascii]
    if any(others):
        yield list(compress(range(len(texts)), others)), _letters(list(compress(texts, others)))


def _letters(texts: Sequence[str]) -> list[bytes]:
    """Return the letters of each text, as UTF-8."""
    text = _joined(texts).casefold().replace("＃", "#").replace("＠", "@")
    letters = _signs.removed_from(text).encode(errors="replace").translate(None, _NO_LETTERS)
    if letters.translate(None, _LETTERS_ONLY):
        letters = _not_a_letter.sub("", letters.decode()).encode()
    return letters.split(_SEPARATOR.encode())


def _letters_of_ascii(texts: Sequence[str]) -> list[bytes]:
    """Return the letters of each text, as `_letters` does, of texts in ASCII: a third of its time."""
    text = _signs_of_ascii.removed_from(_joined(texts).lower())
    return text.encode().translate(None, _NO_LETTERS).split(_SEPARATOR.encode())


def _joined(texts: Sequence[str]) -> str:
    """Return the texts, no longer than what is looked at, with a separator between them."""
    joined = _SEPARATOR.join(texts)
    if joined.count(_SEPARATOR) < len(texts) and max(map(len, texts)) <= MAX_CHARACTERS:
        return joined
    return _SEPARATOR.join([text[:MAX_CHARACTERS].replace(_SEPARATOR, " ") for text in texts])
