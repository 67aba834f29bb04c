"""A bounded cache in which a look-up that finds is one operation of a dictionary: a block looks many up by one map."""

from collections.abc import Callable
from typing import TypeVar

_V = TypeVar("_V")


class TextCache(dict[str, _V]):
    """What a function makes of a text: `cache[text]`.

    It has two generations. A full one replaces the older one, so what was looked up lately stays. Threads may share
    it: at worst, a text is computed again.
    """

    def __init__(self, make: Callable[[str], _V], texts: int, max_characters: int) -> None:
        """Create the cache.

        Args:
            make: Makes the value of a text.
            texts: The most texts that are stored.
            max_characters: A longer text is not stored, so that the memory is bounded.

        """
        super().__init__()
        self._make = make
        self._full = texts // 2
        self._max_characters = max_characters
        self._older: dict[str, _V] = {}

    def __missing__(self, text: str) -> _V:
        """Return the value of a text that is not in the newer generation."""
        if len(text) > self._max_characters:
            return self._make(text)
        older = self._older
        value = older[text] if text in older else self._make(text)
        if len(self) >= self._full:
            self._older = dict(self)
            self.clear()
        self[text] = value
        return value
