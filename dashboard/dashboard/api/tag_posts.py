"""The HTTP route of the sample posts of a tag. Nothing else of the dashboard shows posts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from flask import Blueprint, Response
from msgspec import Meta, Struct
from msgspec.structs import replace
from werkzeug.exceptions import NotFound

from dashboard.api.responses import answer
from dashboard.api.tag_names import name_of
from dashboard.snapshots import fields as f
from dashboard.snapshots.keys import fold
from dashboard.snapshots.samples_schema import SamplePost

if TYPE_CHECKING:
    from dashboard.snapshots.latest import Latest
    from dashboard.snapshots.mute_list import MuteList
    from dashboard.snapshots.samples import HeldSamples
    from dashboard.snapshots.schema import Snapshot

WhyNone = Literal["off", "source", "none yet"]
#: X's display rules don't allow what the panel shows, so its posts are no samples by default.
NOT_SHOWN_BY_DEFAULT = {"x"}


class TagPosts(Struct, frozen=True, kw_only=True):
    """The newest posts of a tag, at most one of an author."""

    key: f.Key
    posts: Annotated[list[SamplePost], Meta(description="The posts, newest first.")]
    why_none: Annotated[
        WhyNone | None,
        Meta(
            description="Why there is no post: the job takes none, none of the sources of this tag, or has none now. "
            "Null if there is one."
        ),
    ]


def tag_posts_routes(latest: Latest, samples: HeldSamples, muted: MuteList) -> Blueprint:
    """`/api/tags/<key>/posts`. It needs no token."""
    routes = Blueprint("tag posts", __name__)

    @routes.get("/api/tags/<path:key>/posts")
    def posts(key: str) -> Response:
        key = fold(name_of(key))
        if not key or muted.hides(key):
            raise NotFound("There is no such tag.")
        shown = [_with_safe_address(post) for post in samples.posts_of(key) if not _has_muted(post, muted)]
        snapshot = latest.shown.snapshot if latest.shown else None
        return answer(
            200, TagPosts(key=key, posts=shown, why_none=None if shown else _why_none(key, samples, snapshot))
        )

    return routes


def _has_muted(post: SamplePost, muted: MuteList) -> bool:
    return any(muted.hides(tag.key) for tag in post.tags)


def _with_safe_address(post: SamplePost) -> SamplePost:
    """The post, without an address that is no web page: a page makes a link of it."""
    is_safe = post.url is None or post.url.startswith(("https://", "http://"))
    return post if is_safe else replace(post, url=None)


def _why_none(key: str, samples: HeldSamples, snapshot: Snapshot | None) -> WhyNone:
    if samples.is_off:
        return "off"
    facets = snapshot.facets.source if snapshot else {}
    leads_in = {name for name, facet in facets.items() if any(tag.key == key for tag in facet.top)}
    return "source" if leads_in and leads_in <= NOT_SHOWN_BY_DEFAULT - samples.sources() else "none yet"
