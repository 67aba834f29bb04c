"""The headers of the newest posts, so that the tombstone of a deleted one can say what was counted of it."""

from collections.abc import Iterable

from ingest.kafka.columns_header import FIELD, NAME, Headers

#: The header of a tombstone.
DELETED = "deleted"
#: The most posts whose headers are remembered: some 300 bytes each.
MOST = 100_000
_SEPARATOR = FIELD.encode()


class NewestHeaders:
    """Remembers headers by the key of the message. For one thread at a time."""

    def __init__(self, most: int = MOST) -> None:
        """Remember those of `most` posts, and of at least half as many."""
        self._half = most // 2
        self._new: dict[str, Headers] = {}
        self._old: dict[str, Headers] = {}

    def add(self, keys: Iterable[str], headers: Iterable[Headers]) -> None:
        """Remember the headers of messages."""
        self._new.update(zip(keys, headers, strict=True))
        if len(self._new) > self._half:
            self._old, self._new = self._new, {}

    def of_tombstone(self, key: str) -> Headers:
        """Return the headers of the tombstone of a post, without its author and its text; None if nothing is known."""
        found = self._new.get(key) or self._old.get(key)
        row = next((value for name, value in found or () if name == NAME), None)
        match row.split(_SEPARATOR) if isinstance(row, bytes) else ():
            case [at_ms, source, lang, _, _, keys, _]:
                return [(DELETED, _SEPARATOR.join((at_ms, source, lang, keys)))]
        # There is no row, or another producer wrote something else.
        return None
