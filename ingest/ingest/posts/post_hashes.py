"""The keyed hashes that the columns of a post have in place of its author and its text."""

from ingest.posts.author_hash import AuthorHashes
from ingest.posts.text_fingerprint import TextFingerprints


class PostHashes:
    """The hashes of authors and the fingerprints of texts, both under the salt of the spool. For one thread."""

    def __init__(self, salt: bytes) -> None:
        self.authors = AuthorHashes(salt)
        self.texts = TextFingerprints(salt)
