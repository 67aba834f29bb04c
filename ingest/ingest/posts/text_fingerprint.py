"""Fingerprints of texts: copies of one text have the same one, although their links, mentions, numbers or signs differ.

A text is reduced to its letters in lower case. Web addresses, mentions and hashtags are left out first, because copies
are often sent with another link, to another account, or with more hashtags. A text with few letters says too little to
be told from others: it has no fingerprint.
"""

import hashlib
import re
import string
from array import array
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
# `re` searches a plain beginning much faster than a set, so each kind has a pattern of its own. All are in lower case.
# Web addresses to the next blank; mentions with the server behind them; hashtags.
_address = re.compile(rf"(?:https?://|www\.)[^\s{_SEPARATOR}]++")
_mention = re.compile(rf"@(?:[.\-@]?{_in_word.many})++")
_hashtag = re.compile(rf"#[{_in_word.basic}]*+(?:(?=[{OUTSIDE_BASIC}]){_in_word.many})?+")
_not_a_letter = re.compile(rf"[{_other.basic}{OUTSIDE_BASIC}](?:(?<=[{_other.basic}])|(?<=[{_other.astral}]))")
# ASCII alone: the bytes of all other characters are letters here, and have their highest bit set.
_NO_LETTERS = bytes(code for code in range(1, 128) if chr(code) not in string.ascii_letters)


class TextFingerprints:
    """Makes fingerprints under a secret salt, so that nobody can find out whether a guessed text was posted."""

    def __init__(self, salt: bytes) -> None:
        self._state = hashlib.blake2b(b"text", key=salt, digest_size=FINGERPRINT_BYTES)

    def of(self, texts: Sequence[str]) -> list[int | None]:
        """Return the fingerprint of each text; None for a text with few letters."""
        copy, digests, places = self._state.copy, [], []
        for place, letters in enumerate(_letters(texts)):
            if len(letters) >= MIN_LETTER_BYTES:
                state = copy()
                state.update(letters)
                digests.append(state.digest())
                places.append(place)
        found: list[int | None] = [None] * len(texts)
        for place, number in zip(places, array("Q", b"".join(digests)), strict=True):
            found[place] = number
        return found


def _letters(texts: Sequence[str]) -> list[bytes]:
    """Return the letters of each text, as UTF-8."""
    if not texts:
        return []
    joined = _SEPARATOR.join(texts)
    if joined.count(_SEPARATOR) >= len(texts) or max(map(len, texts)) > MAX_CHARACTERS:
        joined = _SEPARATOR.join([text[:MAX_CHARACTERS].replace(_SEPARATOR, " ") for text in texts])
    joined = _without_signs(joined.casefold())
    if not joined.isascii():
        joined = _not_a_letter.sub("", joined)
    return joined.encode(errors="replace").translate(None, _NO_LETTERS).split(_SEPARATOR.encode())


def _without_signs(text: str) -> str:
    """Return a text in lower case without web addresses, mentions and hashtags."""
    if "://" in text or "www." in text:
        text = _address.sub("", text)
    text = text.replace("＃", "#").replace("＠", "@")
    if "@" in text:
        text = _mention.sub("", text)
    return _hashtag.sub("", text)
