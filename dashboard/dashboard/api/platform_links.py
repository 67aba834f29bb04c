"""Where a tag is found on the platforms that posts come from."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dashboard.snapshots.schema import Source

_PAGES = {"x": "https://x.com/hashtag/", "bluesky": "https://bsky.app/hashtag/"}


def links(label: str, names: Iterable[str], status: Iterable[Source]) -> list[dict[str, str]]:
    """The tag's page on each named source that has such pages, as `source` and `url`.

    A Mastodon server has its own; `status` may tell which it is.
    """
    pages = _PAGES | {source.name: page for source in status if (page := _mastodon_page(source))}
    return [{"source": name, "url": pages[name] + quote(label, safe="")} for name in names if name in pages]


def _mastodon_page(source: Source) -> str | None:
    """What stands before the label."""
    server = urlsplit(str(source.facts.get("server", ""))) if source.name == "mastodon" else urlsplit("")
    return f"{server.scheme}://{server.netloc}/tags/" if server.scheme in {"http", "https"} and server.netloc else None
