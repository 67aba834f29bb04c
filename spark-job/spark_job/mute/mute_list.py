"""A list of muted hashtags: keys, and patterns of keys."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count

#: Stands for any characters in a pattern.
ANY = "*"
#: The most answers of `hides` in memory.
MOST_ANSWERS = 200_000
#: Unicode's Default_Ignorable_Code_Point, as in ingest/posts/labels.py.
_ignorable = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
#: What may stand before a tag, with characters that show nothing. A # that begins an emoji is no such sign (`#️⃣`), as in
#: ingest/posts/labels.py.
_signs = re.compile("(?:[\u200b-\u200f\u2060\ufeff]*[#＃﹟](?![\ufe0f\u20e3]))+")


def fold(text: str) -> str:
    """The key of a tag that is written so: Unicode's NFKC_Casefold (docs/protocol.md, "Tags")."""
    if text.isascii():
        return text.lower()
    text = _ignorable.sub("", text)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def without_signs(text: str) -> str:
    """The text without the number signs at its beginning."""
    signs = _signs.match(text)
    return text[signs.end() :] if signs else text


@dataclass(frozen=True)
class MuteList:
    """The muted tags.

    Args:
        keys: Keys, sorted.
        patterns: Patterns of keys, sorted. A `*` stands for any characters.

    """

    keys: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    _answers: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    def __bool__(self) -> bool:
        """Whether there is anything on the list."""
        return bool(self.keys or self.patterns)

    def hides(self, key: str) -> bool:
        """Whether this tag is muted."""
        if not self:
            return False
        known = self._answers.get(key)
        if known is None:
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            known = self._answers[key] = key in self._all_keys or self._regex.fullmatch(key) is not None
        return known

    def condition(self) -> str:
        """The same in SQL, of the column `key`."""
        parts = []
        if self.keys:
            parts.append(f"key IN ({', '.join(map(_quoted, self.keys))})")
        if self.patterns:
            parts.append(f"regexp_full_match(key, {_quoted(self._expression())}, 's')")
        return f"({' OR '.join(parts)})" if parts else "false"

    def pattern_condition(self) -> str:
        """The same, of the patterns alone."""
        return MuteList(patterns=self.patterns).condition()

    @cached_property
    def _all_keys(self) -> frozenset[str]:
        return frozenset(self.keys)

    @cached_property
    def _regex(self) -> "re.Pattern[str]":
        groups = count()
        alternatives = (_for_python(pattern.split(ANY), groups) for pattern in self.patterns)
        return re.compile("|".join(alternatives) if self.patterns else r"[^\s\S]", re.DOTALL)

    def _expression(self) -> str:
        """A regular expression of the patterns, for DuckDB's RE2."""
        return "|".join(f"(?:{'.*'.join(map(re.escape, pattern.split(ANY)))})" for pattern in self.patterns)


NOTHING = MuteList()


def _for_python(parts: Sequence[str], groups: Iterator[int]) -> str:
    """A regular expression of one pattern. Each inner part is where it is found first: no other place is ever tried,
    which would take ages with many parts.
    """
    first, *inner, last = map(re.escape, parts if len(parts) > 1 else (*parts, ""))
    if len(parts) == 1:
        return first
    named = [(f"g{next(groups)}", part) for part in inner if part]
    found = "".join(f"(?=(?P<{name}>.*?{part}))(?P={name})" for name, part in named)
    return f"{first}{found}.*{last}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
