"""Classes of Unicode characters for the patterns of `re`.

`regex` knows the properties of Unicode, and `re` searches two to three times as fast. So the members of a class are
found once, by `regex`, and written as ranges into the patterns of `re`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import regex

#: The last character of the first plane, and the range of all others.
MOST_BASIC, OUTSIDE_BASIC = "\uffff", "\U00010000-\U0010ffff"
#: The characters among which members are searched. All others are halves of surrogate pairs, unassigned, or private.
ALL_CHARACTERS = "".join(map(chr, chain(range(0xD800), range(0xE000, 0x40000), range(0xE0000, 0xE0200))))


@dataclass(frozen=True)
class CharacterClass:
    """A class of characters as ranges within square brackets, those of the first plane apart from the others.

    `re` tests ranges outside the first plane one by one. So a pattern tests first whether a character is outside.
    """

    basic: str
    astral: str

    @property
    def one(self) -> str:
        """A pattern for one character of the class."""
        return rf"(?:[{self.basic}]|(?=[{OUTSIDE_BASIC}])[{self.astral}])"

    @property
    def many(self) -> str:
        """A possessive pattern for one character or more."""
        return rf"(?:[{self.basic}]++|(?=[{OUTSIDE_BASIC}])[{self.astral}]++)++"

    @property
    def any(self) -> str:
        """A possessive pattern for any number of characters, also none."""
        return rf"(?:[{self.basic}]++|(?=[{OUTSIDE_BASIC}])[{self.astral}]++)*+"

    def not_before(self, pattern: str) -> str:
        """A pattern for a place that doesn't follow a character of the class and `pattern`, which has a fixed width."""
        return rf"(?<![{self.basic}]{pattern})(?<!(?=[{OUTSIDE_BASIC}])[{self.astral}]{pattern})"


def character_classes(*expressions: str) -> list[CharacterClass]:
    r"""Return the classes of the characters that these expressions match.

    Args:
        expressions: Sets in square brackets as `regex` knows them, such as `[\p{L}--[a-z]]`.

    """
    return [_class(expression) for expression in expressions]


def lead_bytes(expression: str) -> set[int]:
    """Return the bytes with which UTF-8 begins a character that this expression matches; see `character_classes`."""
    # They rise with the characters.
    return {byte for first, last in _ranges(expression) for byte in range(first.encode()[0], last.encode()[0] + 1)}


def _ranges(expression: str) -> Iterator[tuple[str, str]]:
    """Yield the first and the last character of each range that an expression matches."""
    for match in regex.finditer(f"{expression}+", ALL_CHARACTERS, regex.V1):
        first, end = match.span()
        yield ALL_CHARACTERS[first], ALL_CHARACTERS[end - 1]


def _class(expression: str) -> CharacterClass:
    ranges = [*_ranges(expression)]
    basic = [(first, min(last, MOST_BASIC)) for first, last in ranges if first <= MOST_BASIC]
    astral = [(max(first, "\U00010000"), last) for first, last in ranges if last > MOST_BASIC]
    # An empty set can't be written. A half of a surrogate pair is in no class.
    return CharacterClass(_written(basic) or "\ud800", _written(astral) or "\ud800")


def _written(ranges: list[tuple[str, str]]) -> str:
    return "".join(f"{re.escape(first)}-{re.escape(last)}" for first, last in ranges)
