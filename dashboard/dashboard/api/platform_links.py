"""Links to a tag on the platforms of the sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, urlsplit

from msgspec import Meta, Struct

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dashboard.snapshots.health_schema import Source

_PAGES = {"x": "https://x.com/hashtag/", "bluesky": "https://bsky.app/hashtag/"}


class Link(Struct, frozen=True):
    """A tag's page on a platform."""

    source: Annotated[str, Meta(description="The source that reads this platform, by name.")]
    url: Annotated[str, Meta(description="The address of the tag's page.")]


def links(label: str, names: Iterable[str], status: Iterable[Source]) -> list[Link]:
    """The tag's page on each named source that has such pages.

    A Mastodon server has its own; `status` may tell which it is.
    """
    pages = _PAGES | {source.name: page for source in status if (page := _mastodon_page(source))}
    return [Link(source=name, url=pages[name] + quote(label, safe="")) for name in names if name in pages]


def _mastodon_page(source: Source) -> str | None:
    """The part of the address before the label."""
    server = urlsplit(str(source.facts.get("server", ""))) if source.name == "mastodon" else urlsplit("")
    return f"{server.scheme}://{server.netloc}/tags/" if server.scheme in {"http", "https"} and server.netloc else None
