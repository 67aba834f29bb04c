"""Normalise texts for the comparison with the terms of `TRACK`: equivalent characters become one.

The keys of hashtags do not use this: they follow Unicode alone (see `labels.fold`).
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import compress

from ingest.posts.character_class import MOST_BASIC, OUTSIDE_BASIC
from ingest.posts.labels import MAX_BYTES, fold

NUL = "\0"
# Stands between texts. A word ends at a line feed, whatever is beside it (UAX #29), and the words of a phrase have only
# blanks between them. So neither a word nor a phrase reaches from one text into the next.
_SEPARATOR = f"\n{NUL}\n"

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
_BEFORE = "´΄"


def _table() -> dict[str, str]:
    table = {each: sign for signs, sign in _SIGNS.items() for each in signs}
    table |= dict.fromkeys(_REMOVED, "")
    # There are no digits behind these planes. To look at each character of Unicode takes 0.3 s of each start.
    digits = filter(str.isdecimal, map(chr, range(128, 0x40000)))
    return table | {digit: str(unicodedata.decimal(digit)) for digit in digits}


_TABLE = _table()
_REPLACED = frozenset(_TABLE)
# Finds them all, and any character outside the first plane: few ranges are tested fast.
_maybe_replaced = re.compile(
    f"[{re.escape(''.join(sorted(each for each in _TABLE if each <= MOST_BASIC)))}{OUTSIDE_BASIC}]"
)


def comparable(text: str, *, cut_marks: bool = True) -> str:
    """Return `text` folded as the keys of hashtags are, with one character for each group of equivalent ones."""
    if text.isascii():
        return text.lower().replace("`", "'")
    for sign in _BEFORE:
        text = text.replace(sign, "'")
    text = fold(text, cut_marks=cut_marks)
    # Few of these characters are in any text, and `str.translate` would look each character of the text up.
    for sign in _REPLACED.intersection(_maybe_replaced.findall(text)):
        text = text.replace(sign, _TABLE[sign])
    return text


def comparable_all(texts: Sequence[str]) -> str:
    """Return the comparable forms of all `texts` in one, with a `NUL` between them."""
    if not all(len(text) <= MAX_BYTES for text in texts):
        return _SEPARATOR.join(map(comparable, texts))
    in_ascii = list(map(str.isascii, texts))
    if all(in_ascii) or not any(in_ascii):
        return comparable(_SEPARATOR.join(texts), cut_marks=False)
    # A text in ASCII takes a fifth of the time of another one, but not if it is joined to one.
    plain = comparable(_SEPARATOR.join(compress(texts, in_ascii))).split(_SEPARATOR)
    others = _SEPARATOR.join([text for text, is_plain in zip(texts, in_ascii, strict=True) if not is_plain])
    folded = comparable(others, cut_marks=False).split(_SEPARATOR)
    if len(plain) + len(folded) != len(texts):  # one of the texts has the separator in it
        return comparable(_SEPARATOR.join(texts), cut_marks=False)
    each_plain, each_folded = iter(plain), iter(folded)
    return _SEPARATOR.join([next(each_plain if is_plain else each_folded) for is_plain in in_ascii])
