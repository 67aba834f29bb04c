"""Labels: the names of hashtags, made fit to be shown, and the key under which all spellings of one are counted."""

import unicodedata

import regex

#: A longer label is no tag. Both bounds are those of Bluesky's lexicon; a grapheme is what a reader takes for one sign.
MAX_GRAPHEMES = 64
MAX_BYTES = 640

#: What shows nothing is not searched for in more characters: such a label is too long, whatever it shows.
MAX_RAW_CHARACTERS = 16 * MAX_BYTES

#: More marks on one letter than any language writes are not compared: Python 3.11 sorts them in quadratic time.
MAX_MARKS = 30

# Unicode's Default_Ignorable_Code_Point: what shows nothing. dashboard/api/tag_details.py has the same list.
_IGNORABLE = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    r"\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# The half-width sound marks are letters that become marks.
_MARK = r"[\p{M}\uff9e\uff9f]"

# Where something is meant by them: within words of scripts that join letters, between emoji, behind what may be drawn
# in two ways, and in the flags of England, Scotland and Wales.
_JOINING = r"[[\p{L}\p{M}]--[\p{Latin}\p{Greek}\p{Cyrillic}\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]]"
_MEANT = (
    rf"(?<={_JOINING})[\u200c\u200d](?=[\p{{L}}\p{{M}}])"
    r"|(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})"
    r"|(?<=\p{Emoji})[\ufe0e\ufe0f]"
    r"|(?<=\p{Han})[\ufe00-\ufe02\U000e0100-\U000e01ef]"
    r"|(?<=\p{Mongolian})[\u180b-\u180d\u180f]|(?<=\p{Myanmar})\ufe00"
    r"|(?<=\U0001f3f4)[\U000e0020-\U000e007e]{1,16}\U000e007f"
)
_UNSEEN = rf"[{_IGNORABLE}\ufff9-\ufffb[\p{{Cc}}--\s]\p{{Noncharacter_Code_Point}}]"

_plain = regex.compile(rf"[[\p{{L}}\p{{Nd}}_]--[{_IGNORABLE}]]++", regex.V1)
_ignorable = regex.compile(f"[{_IGNORABLE}]+")
_unseen = regex.compile(f"(?P<meant>{_MEANT})|{_UNSEEN}", regex.V1)
# Signs that are drawn as nothing, though Unicode calls them visible.
_blank = regex.compile(r"[\s\u2800\U0001d159\U00013441\U00013442]+")
_sign = regex.compile(r"^(?:[#＃﹟](?![\ufe0f\u20e3]) ?)+")
_too_many_marks = regex.compile(rf"({_MARK}{{{MAX_MARKS}}}){_MARK}++")


def fold(text: str) -> str:
    """Return the key of a label that is written so: Unicode's NFKC_Casefold (UAX #31), see docs/protocol.md.

    What shows nothing goes first. The second normalisation is needed because case folding may leave text that is not
    normal. The time is linear in the text: in one longer than a label, `MAX_MARKS` of a run of marks are compared.
    """
    if text.isascii():
        return text.lower()
    text = _ignorable.sub("", text)
    if len(text) > MAX_BYTES:
        text = _too_many_marks.sub(r"\1", text)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def clean(label: str) -> str:
    """Return `label` as it is shown: without `#`, blanks at its ends and what shows nothing; empty if nothing is left.

    Joiners, variation selectors and the like stay where something is meant by them.
    """
    if _plain.fullmatch(label):
        return label
    label = _unseen.sub(r"\g<meant>", label)
    return _sign.sub("", _blank.sub(" ", label).strip(" "))


def is_too_long(label: str) -> bool:
    """Say whether a label is longer than the bounds."""
    if len(label) * 4 <= MAX_GRAPHEMES:
        return False
    if len(label.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return True
    return len(label) > MAX_GRAPHEMES and len(regex.findall(r"\X", label)) > MAX_GRAPHEMES
