"""The facts of one pane: what the detector of rising hashtags learns from its posts."""

from dataclasses import dataclass

import pyarrow as pa

#: One row for each different (source, lang, key, author, text) of a pane. `posts`: how many posts are alike in these.
#: `author`: 64-bit hash, null if the source names none. `text`: 64-bit fingerprint, null if there is too little text to
#: compare.
VOICES_ARROW = pa.schema(
    [
        ("source", pa.string()),
        ("lang", pa.string()),
        ("key", pa.string()),
        ("author", pa.uint64()),
        ("text", pa.uint64()),
        ("posts", pa.int64()),
    ]
)
#: How many different authors wrote in a pane, per source and language. A post without an author counts as one.
AUTHORS_ARROW = pa.schema([("source", pa.string()), ("lang", pa.string()), ("authors", pa.int64())])


@dataclass(frozen=True)
class PaneFacts:
    """The facts of a closed pane.

    Attributes:
        until_ms: The end of the pane, in ms since 1970.
        voices: A table of `VOICES_ARROW`. Tags of few posts may be left out of it if `authors` is given.
        authors: A table of `AUTHORS_ARROW`. It says how busy each facet is. None: it is made from `voices`.

    """

    until_ms: int
    voices: pa.Table
    authors: pa.Table | None = None
