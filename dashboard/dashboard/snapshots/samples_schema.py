"""Posts of leading tags, as the job pushes them (docs/protocol.md, "`samples`")."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from dashboard.snapshots import fields as f
from dashboard.snapshots.fields import Count, Text, TimeMs

#: Characters of the text of a sample.
TEXT_CHARACTERS = 1000


class SampleTag(Struct, frozen=True, kw_only=True):
    """A tag of a post."""

    key: f.Key
    label: Annotated[Text, Meta(description="The tag as it is written in the post, without the #.")]


class SamplePost(Struct, frozen=True, kw_only=True):
    """A post, without its author."""

    offset: Annotated[Count, Meta(description="The position of the post in the log.")]
    id: Annotated[Text, Meta(description="The source, a colon, and the source's own id of the post.")]
    at_ms: Annotated[TimeMs, Meta(description="When ingest accepted the post, by ingest's clock.")]
    created_at: Annotated[
        str | None, Meta(description="When it was written, as the source says. Null if it says nothing.")
    ]
    text: Annotated[str, Meta(max_length=TEXT_CHARACTERS, description="The text of the post, or its beginning.")]
    source: Annotated[Text, Meta(description="Where the post is from, by name.")]
    lang: Annotated[Text, Meta(description="The language of the post, as a code; `und` if it is not known.")]
    url: Annotated[str | None, Meta(description="The address of the post. Null if the source gives none.")]
    tags: Annotated[list[SampleTag], Meta(description="The tags of the post, in order of appearance.")]


class Samples(Struct, frozen=True, kw_only=True):
    """The newest posts of leading tags. The dashboard holds them in memory only."""

    posts: Annotated[list[SamplePost], Meta(description="The posts, each once.")]
    of: Annotated[
        dict[str, list[Count]],
        Meta(
            description="By the key of a tag: its posts, as positions in `posts`, newest first. A tag has at most one "
            "post of an author."
        ),
    ]
