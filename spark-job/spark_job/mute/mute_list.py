"""A list of muted hashtags: keys, and patterns of keys."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property

#: Stands for any characters in a pattern.
ANY = "*"
#: The most answers of `hides` in memory.
MOST_ANSWERS = 200_000


def fold(text: str) -> str:
    """The key of a tag that is written so: Unicode's NFKC_Casefold (docs/protocol.md, "Tags")."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


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
        return re.compile(self._expression(), re.DOTALL)

    def _expression(self) -> str:
        """A regular expression of the patterns, for Python and for DuckDB's RE2. Without patterns it never matches."""
        alternatives = (".*".join(map(re.escape, pattern.split(ANY))) for pattern in self.patterns)
        return "|".join(f"(?:{one})" for one in alternatives) if self.patterns else r"[^\s\S]"


NOTHING = MuteList()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
