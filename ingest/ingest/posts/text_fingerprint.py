"""Fingerprints of texts: copies of one text have the same one, although their links, mentions, numbers or signs differ.

A text is reduced to its letters in lower case. Web addresses, mentions and hashtags are left out first, because copies
are often sent with another link, to another account, or with more hashtags. A text with few letters says too little to
be told from others: it has no fingerprint.
"""

import hashlib
import re
import string
from collections.abc import Sequence

from ingest.posts.character_class import OUTSIDE_BASIC, character_classes

#: Bytes of a fingerprint. Of a million texts, two have the same one by chance with a probability of 3 in 100 million.
FINGERPRINT_BYTES = 8
#: A text with fewer bytes of letters (UTF-8) has no fingerprint. Some twenty Latin letters, ten Cyrillic ones, or
#: seven of Chinese: many people write the same short cheer without copying it.
MIN_LETTER_BYTES = 20
#: Only so many characters of a text are looked at, so that the cost of a text is bounded.
MAX_CHARACTERS = 4096

_SEPARATOR = "\0"
_in_word, _other = character_classes(r"[\p{L}\p{M}\p{N}_]", r"[^\p{L}\p{M}\p{ASCII}]")
# Both begin with one plain set, which `re` searches fast.
# Web addresses to the next blank; mentions with the server behind them; hashtags.
_left_out = re.compile(
    rf"[HhWw@＠#＃](?:(?<=[Hh])[Tt][Tt][Pp][Ss]?://[^\s{_SEPARATOR}]++|(?<=[Ww])[Ww][Ww]\.[^\s{_SEPARATOR}]++"
    rf"|(?<=[@＠#＃])(?:[.\-@]?{_in_word.many})++)"
)
_not_a_letter = re.compile(rf"[{_other.basic}{OUTSIDE_BASIC}](?:(?<=[{_other.basic}])|(?<=[{_other.astral}]))")
# ASCII alone: the bytes of all other characters are letters here, and have their highest bit set.
_NO_LETTERS = bytes(code for code in range(1, 128) if chr(code) not in string.ascii_letters)


class TextFingerprints:
    """Makes fingerprints under a secret salt, so that nobody can find out whether a guessed text was posted."""

    def __init__(self, salt: bytes) -> None:
        self._state = hashlib.blake2b(b"text", key=salt, digest_size=FINGERPRINT_BYTES)

    def of(self, texts: Sequence[str]) -> list[int | None]:
        """Return the fingerprint of each text; None for a text with few letters."""
        return [self._hash(letters) if len(letters) >= MIN_LETTER_BYTES else None for letters in _letters(texts)]

    def _hash(self, letters: bytes) -> int:
        state = self._state.copy()
        state.update(letters)
        return int.from_bytes(state.digest(), "little")


def _letters(texts: Sequence[str]) -> list[bytes]:
    """Return the letters of each text, as UTF-8."""
    if not texts:
        return []
    bounded = [text[:MAX_CHARACTERS].replace(_SEPARATOR, " ") for text in texts]
    joined = _left_out.sub("", _SEPARATOR.join(bounded)).casefold()
    if not joined.isascii():
        joined = _not_a_letter.sub("", joined)
    return joined.encode(errors="replace").translate(None, _NO_LETTERS).split(_SEPARATOR.encode())
