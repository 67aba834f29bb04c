"""What is planted in the stream: rises that should be found, and bursts that should not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

Row = tuple[int, str, str, str, int, int | None, int]
_BITS = 64


@dataclass(frozen=True)
class Disturbance:
    """Something that happens to the stream as a whole: some of its posts come `factor` times."""

    name: str
    span_ms: tuple[int, int]
    factor: float
    source: str | None = None
    lang: str | None = None


@dataclass(frozen=True)
class Burst:
    """Posts of one or several tags that come beside the usual ones.

    Attributes:
        kind: What it stands for; see `plan`.
        true: Whether it should be found.
        tags: Keys of its tags. Each post has all of them.
        begin_ms: When its first post comes.
        end_ms: When its last post comes.
        posts_count: How many posts it has.
        authors: How many different authors write them; 0: each post has an author of its own.
        texts: How many different texts they have; 0: each post has a text of its own.
        short: The part of its posts with too little text to compare, such as a picture only.
        ramp: How its rate changes: 1 is steady, 2 grows with time.
        lang: The language of nearly all of its posts; None: all languages.
        source: The source of all of its posts; None: all sources.
        languages: All languages.

    """

    kind: str
    true: bool
    tags: tuple[str, ...]
    begin_ms: int
    end_ms: int
    posts_count: int
    authors: int = 0
    texts: int = 0
    short: float = 0.0
    ramp: float = 1.0
    lang: str | None = None
    source: str | None = None
    languages: Sequence[str] = field(default=("en", "es", "ja", "pt", "de"), repr=False)

    def posts(self, seed: int) -> list[Row]:
        """Return its posts: at_ms, source, lang, key, author, text, id."""
        rng = Random(seed)  # noqa: S311 - no secret
        authors = [rng.getrandbits(_BITS) for _ in range(self.authors)]
        texts = [rng.getrandbits(_BITS) for _ in range(self.texts)]
        rows: list[Row] = []
        for _ in range(self.posts_count):
            at_ms = self.begin_ms + int((self.end_ms - self.begin_ms) * rng.random() ** (1 / self.ramp))
            lang = self.lang if self.lang and rng.random() < 0.95 else rng.choice(self.languages)
            source = self.source or ("bluesky" if rng.random() < 0.7 else "mastodon")
            author = rng.choice(authors) if authors else rng.getrandbits(_BITS)
            text: int | None = rng.choice(texts) if texts else rng.getrandbits(_BITS)
            if self.short and rng.random() < self.short:
                text = None
            number = rng.getrandbits(_BITS)
            rows += [(at_ms, source, lang, tag, author, text, number) for tag in self.tags]
        return rows
