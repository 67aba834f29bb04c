"""Normalise texts for the comparison with the terms of `TRACK`: equivalent characters become one.

The keys of hashtags do not use this: they follow Unicode alone (see `labels.fold`).
"""

import sys
import unicodedata

from ingest.posts.labels import fold

# Characters as written, and the one that they are compared as. Keyboards, phones and word processors differ in these.
_SIGNS = {
    "’‘‛ʼʻʽ′՚ꞌ`׳": "'",  # apostrophes, single quotes, the prime, Hebrew's geresh
    "“”„‟«»״": '"',  # double quotes, Hebrew's gershayim
    "‹›": "'",
    "‐‒–—―−⁃־": "-",  # hyphens, dashes, the minus sign, Hebrew's maqaf
    "‧∙⋅•": "·",  # dots within words
    "〜": "~",  # the wave dash of Japanese
    "يىے": "ی",  # Arabic's yeh as Persian and Urdu type it
    "كڪ": "ک",  # and its kaf
    "هہ": "ہ",  # and its heh
    "ё": "е",  # Russians mostly omit the dots
    "ı": "i",  # Turkish has two letters; their capitals fold to the same, or to a letter and a dot
}
# Removed: the dot that case folding leaves of the Turkish capital İ, and the stroke that stretches Arabic words.
_REMOVED = "\u0307\u0640"
# Replaced first, because NFKC would turn them into a space and a mark.
_BEFORE = str.maketrans("´΄", "''")


def _table() -> dict[int, str | None]:
    table: dict[int, str | None] = {ord(each): sign for signs, sign in _SIGNS.items() for each in signs}
    table |= {ord(each): None for each in _REMOVED}
    digits = {code: unicodedata.decimal(chr(code), None) for code in range(128, sys.maxunicode + 1)}
    return table | {code: str(value) for code, value in digits.items() if value is not None}


_TABLE = _table()
_ASCII = str.maketrans("`", "'")


def comparable(text: str) -> str:
    """Return `text` folded as the keys of hashtags are, with one character for each group of equivalent ones."""
    if text.isascii():
        return text.lower().translate(_ASCII) if "`" in text else text.lower()
    return fold(text.translate(_BEFORE)).translate(_TABLE)
