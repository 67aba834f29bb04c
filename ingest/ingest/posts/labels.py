"""Labels: the displayed names of hashtags, and the key under which all spellings of a hashtag are counted."""

import re
import unicodedata

import regex

from ingest.posts.character_class import OUTSIDE_BASIC

#: A longer label makes no tag. Both bounds are from Bluesky's lexicon. A grapheme is what people see as one character.
MAX_GRAPHEMES = 64
MAX_BYTES = 640

#: A label with more characters than this is too long; it is not searched for invisible characters.
MAX_RAW_CHARACTERS = 16 * MAX_BYTES

#: Marks on one letter beyond this number, which no language needs, are cut: Python 3.11 sorts marks in quadratic time.
MAX_MARKS = 30

# Unicode's Default_Ignorable_Code_Point: invisible characters. dashboard/api/tag_details.py has the same list.
_BASIC_IGNORABLE = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    r"\ufeff\uffa0\ufff0-\ufff8"
)
_IGNORABLE = rf"{_BASIC_IGNORABLE}\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
# The half-width sound marks are letters that become marks.
_MARK = r"[\p{M}\uff9e\uff9f]"

# Places where invisible characters have a meaning: in words of scripts that join letters, between emoji, behind a
# character that has two forms, and in the flags of England, Scotland and Wales.
_JOINING = r"[[\p{L}\p{M}]--[\p{Latin}\p{Greek}\p{Cyrillic}\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]]"
_MEANINGFUL = (
    rf"(?<={_JOINING})[\u200c\u200d](?=[\p{{L}}\p{{M}}])"
    r"|(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})"
    r"|(?<=\p{Emoji})[\ufe0e\ufe0f]"
    r"|(?<=\p{Han})[\ufe00-\ufe02\U000e0100-\U000e01ef]"
    r"|(?<=\p{Mongolian})[\u180b-\u180d\u180f]|(?<=\p{Myanmar})\ufe00"
    r"|(?<=\U0001f3f4)[\U000e0020-\U000e007e]{1,16}\U000e007f"
)
_INVISIBLE = rf"[{_IGNORABLE}\ufff9-\ufffb[\p{{Cc}}--\s]\p{{Noncharacter_Code_Point}}]"

_plain = regex.compile(rf"[[\p{{L}}\p{{Nd}}_]--[{_IGNORABLE}]]++", regex.V1)
# For a set of single characters, re is twice as fast as regex. It searches for the second set much faster.
_ignorable = re.compile(f"[{_IGNORABLE}]+")
_maybe_ignorable = re.compile(f"[{_BASIC_IGNORABLE}{OUTSIDE_BASIC}]")
_invisible = regex.compile(f"(?P<meaningful>{_MEANINGFUL})|{_INVISIBLE}", regex.V1)
# Characters that are drawn as blanks although Unicode calls them visible.
_blank = regex.compile(r"[\s\u2800\U0001d159\U00013441\U00013442]+")
_sign = regex.compile(r"^(?:[#＃﹟](?![\ufe0f\u20e3]) ?)+")
_too_many_marks = regex.compile(rf"({_MARK}{{{MAX_MARKS}}}){_MARK}++")


def fold(text: str, *, cut_marks: bool = True) -> str:
    """Return the key of a label: Unicode's NFKC_Casefold (UAX #31), see docs/protocol.md.

    Invisible characters are removed first. The second normalisation is needed because case folding may leave text that
    is not normalised. The time is linear in the text: in a text longer than a label, runs of marks are cut to
    `MAX_MARKS`. `cut_marks` is False for many texts in one, none of which is longer than a label.
    """
    if text.isascii():
        return text.lower()
    if _maybe_ignorable.search(text):
        text = _ignorable.sub("", text)
    if cut_marks and len(text) > MAX_BYTES:
        text = _too_many_marks.sub(r"\1", text)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def clean(label: str) -> str:
    """Return `label` as it is displayed: without `#`, outer blanks and invisible characters; it may be empty.

    Joiners, variation selectors and the like stay where they have a meaning.
    """
    if (label.isascii() and label.isalnum()) or _plain.fullmatch(label):
        return label
    label = _invisible.sub(r"\g<meaningful>", label)
    return _sign.sub("", _blank.sub(" ", label).strip(" "))


def is_too_long(label: str) -> bool:
    """Return whether a label is longer than the bounds."""
    if len(label) * 4 <= MAX_GRAPHEMES:
        return False
    if len(label.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return True
    return len(label) > MAX_GRAPHEMES and len(regex.findall(r"\X", label)) > MAX_GRAPHEMES
