"""Hash the authors of posts with a secret salt, so that distinct authors can be counted and nobody can be looked up."""

import hashlib

#: Bytes of a salt. A salt of 128 bits can't be guessed.
SALT_BYTES = 16
#: Bytes of a hash. Of a million authors, two have the same hash with a probability of 3 in 100 million.
HASH_BYTES = 8
#: Bounds of the cache: the authors of all sources together, and the longest of them (characters).
MAX_CACHED_AUTHORS = 32_768
MAX_CACHED_CHARACTERS = 64


class AuthorHashes(dict[str, dict[str | None, bytes | None]]):
    """The hash of each author, as bytes: `hashes[source][author]`; None for the author None. For one thread.

    The hash is BLAKE2b with the salt as its key (RFC 7693), which is a keyed hash by design: without the salt, it
    can't be computed from the name of an author. Both dictionaries compute what they don't have.
    """

    def __init__(self, salt: bytes) -> None:
        super().__init__()
        self._salt = salt

    def __missing__(self, source: str) -> dict[str | None, bytes | None]:
        """Return the hashes of the authors of a source."""
        name = source.encode()
        # The length makes sure that no other source and author give the same bytes.
        state = hashlib.blake2b(len(name).to_bytes(4) + name, key=self._salt, digest_size=HASH_BYTES)
        found = self[source] = _AuthorsOfSource(state)
        return found

    def bound(self) -> None:
        """Forget all cached hashes if there are too many; call it after each run."""
        if len(self) + sum(map(len, self.values())) > MAX_CACHED_AUTHORS:
            self.clear()


class _AuthorsOfSource(dict[str | None, bytes | None]):
    """The hashes of the authors of one source. `state` is the hash function after the salt and the source."""

    def __init__(self, state: "hashlib.blake2b") -> None:
        super().__init__()
        self._state = state

    def __missing__(self, author: str | None) -> bytes | None:
        if author is None:
            return None
        state = self._state.copy()
        state.update(author.encode())
        found = state.digest()
        if len(author) <= MAX_CACHED_CHARACTERS:
            self[author] = found
        return found
