"""Texts as `TRACK` compares them: signs that people write in two ways are one.

The keys of hashtags are another matter: they are Unicode's, and nothing of this is in them.
"""

import sys
import unicodedata

from ingest.posts.labels import fold

# What is written, and the sign that it is compared as. Keyboards, phones and word processors differ in these.
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
    "ё": "е",  # Russians mostly leave the dots out
    "ı": "i",  # Turkish has two letters; their capitals fold to the same, or to a letter and a dot
}
# The dot that folding leaves of Turkish's capital letter, and the stroke that stretches Arabic words.
_NOTHING = "\u0307\u0640"
# NFKC makes a blank and a mark of these.
_BEFORE = str.maketrans("´΄", "''")


def _table() -> dict[int, str | None]:
    table: dict[int, str | None] = {ord(each): sign for signs, sign in _SIGNS.items() for each in signs}
    table |= {ord(each): None for each in _NOTHING}
    digits = {code: unicodedata.decimal(chr(code), None) for code in range(128, sys.maxunicode + 1)}
    return table | {code: str(value) for code, value in digits.items() if value is not None}


_TABLE = _table()
_ASCII = str.maketrans("`", "'")


def comparable(text: str) -> str:
    """Return `text` as it is compared: folded as keys are, and with one sign for those that are written in two ways."""
    if text.isascii():
        return text.lower().translate(_ASCII) if "`" in text else text.lower()
    return fold(text.translate(_BEFORE)).translate(_TABLE)
