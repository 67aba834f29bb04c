"""The HTTP route that finds tags by a part of their key: of the window, of the totals, and of the stored panes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from flask import Blueprint, Response, request
from msgspec import Meta, Struct
from msgspec.structs import replace
from werkzeug.exceptions import BadRequest

from dashboard.api.responses import Error, answer, number_of
from dashboard.api.tag_details import last_label
from dashboard.api.tag_names import name_of
from dashboard.history.store import HistoryAwayError
from dashboard.job.client import JobRefusedError, JobUnreachableError
from dashboard.job.tags import CountedTag, FirstSeenMs, WindowPosts, WindowRank
from dashboard.snapshots import fields as f
from dashboard.snapshots.fields import Count
from dashboard.snapshots.keys import fold

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable

    from dashboard.history.store import History
    from dashboard.job.tags import JobTags
    from dashboard.snapshots.latest import Latest
    from dashboard.snapshots.mute_list import MuteList
    from dashboard.snapshots.schema import Snapshot

LIMIT = 20
MAX_LIMIT = 50
MAX_CHARACTERS = 100


class FoundTag(Struct, frozen=True, kw_only=True):
    """A tag that was found."""

    key: f.Key
    label: f.Label
    window_posts: WindowPosts
    window_rank: WindowRank
    total_posts: Annotated[
        Count | None, Meta(description="Posts with this tag since the epoch began. Null where that is not known.")
    ]
    first_seen_ms: FirstSeenMs
    in_history: Annotated[bool, Meta(description="Whether it was among the leading tags of a stored pane.")]


class SearchAnswer(Struct, frozen=True, kw_only=True):
    """The tags with a text in their key."""

    q: Annotated[str, Meta(description="The text, as it was compared.")]
    tags: Annotated[
        list[FoundTag],
        Meta(
            description="Tags whose key begins with the text, then those that have it inside. Of each kind, those with "
            "most posts in the window come first, then those with most posts since the epoch began.",
            max_length=MAX_LIMIT,
        ),
    ]
    partial: Annotated[
        str | None,
        Meta(description="Why tags may be missing that never led, as one sentence. Null if none is missing."),
    ]


def search_routes(
    latest: Latest, history: History, muted: MuteList, tags: JobTags, searches: Counter[str]
) -> Blueprint:
    """`/api/search`. `searches` counts the answers that are whole, and those that are partial."""
    routes = Blueprint("search", __name__)

    @routes.get("/api/search")
    def search() -> Response:
        text, limit = _text(), number_of("limit", LIMIT, MAX_LIMIT)
        snapshot = latest.shown.snapshot if latest.shown else None
        partial, counted = None, []
        try:
            counted = tags.search(text, limit) if text else []
        except (JobUnreachableError, JobRefusedError) as error:
            partial = f"Only tags that led some list are searched: {error}"
            counted = list(_leading(text, snapshot)) if snapshot else []
        found = _with_history(text, [tag for tag in counted if not muted.hides(tag.key)], history, muted)
        found.sort(key=lambda tag: _order(text, tag))
        searches["partial" if partial else "whole"] += 1
        labelled = (_with_label(tag, history) for tag in found[:limit])
        return answer(200, SearchAnswer(q=text, tags=[tag for tag in labelled if tag], partial=partial))

    @routes.errorhandler(HistoryAwayError)
    def away(error: HistoryAwayError) -> Response:
        return answer(503, Error(str(error)))

    return routes


def _text() -> str:
    """The text in the query string, as a part of a key.

    Raises:
        BadRequest: It is missing or too long.

    """
    text = request.args.get("q")
    if text is None or len(text) > MAX_CHARACTERS:
        raise BadRequest(f"q must be a text of at most {MAX_CHARACTERS} characters.")
    return fold(name_of(text.strip()))


def _order(text: str, tag: FoundTag) -> tuple[bool, int, int, str]:
    return not tag.key.startswith(text), -tag.window_posts, -(tag.total_posts or 0), tag.key


def _leading(text: str, snapshot: Snapshot) -> Iterable[CountedTag]:
    """The tags of the lists of a snapshot that have this text, each once."""
    window, total, rising = snapshot.window, snapshot.total, snapshot.rising
    facets = (*snapshot.facets.source.values(), *snapshot.facets.lang.values())
    in_window = {tag.key: tag for tag in (*(window.by_authors or []), *window.top)}
    ranks = {tag.key: tag.rank for tag in window.top}
    in_total = {tag.key: tag for tag in total.top}
    listed = [tag for topic in rising.topics for tag in topic.tags] if rising else []
    of_facets = [tag for facet in facets for tag in (*facet.top, *(facet.by_authors or []))]
    labels = {tag.key: tag.label for tag in of_facets}
    labels |= {tag.key: tag.label for tag in listed}
    labels |= {tag.key: tag.label for tag in (*total.top, *in_window.values())}
    for key in labels:
        if text in key:
            known = in_window.get(key), in_total.get(key)
            yield CountedTag(
                key=key,
                label=labels[key],
                window_posts=known[0].posts if known[0] else 0,
                window_rank=ranks.get(key),
                total_posts=known[1].posts if known[1] else 0,
                first_seen_ms=next((tag.first_seen_ms for tag in known if tag), None),
            )


def _with_history(text: str, counted: Iterable[CountedTag], history: History, muted: MuteList) -> list[FoundTag]:
    """The tags, and those that led only in stored panes. These have an empty label until they are looked up."""
    led = history.index().keys()
    found = {
        tag.key: FoundTag(
            key=tag.key,
            label=tag.label,
            window_posts=tag.window_posts,
            window_rank=tag.window_rank,
            total_posts=tag.total_posts or None,
            first_seen_ms=tag.first_seen_ms,
            in_history=tag.key in led,
        )
        for tag in counted
    }
    past = (key for key in led if text in key and key not in found and not muted.hides(key)) if text else ()
    return [*found.values(), *(_of_past(key) for key in past)]


def _of_past(key: str) -> FoundTag:
    return FoundTag(
        key=key, label="", window_posts=0, window_rank=None, total_posts=None, first_seen_ms=None, in_history=True
    )


def _with_label(tag: FoundTag, history: History) -> FoundTag | None:
    """The tag with its spelling. None if its last pane has just been removed."""
    if tag.label:
        return tag
    pane = history.index().newest_with(tag.key)
    label = last_label(tag.key, pane, history) if pane else None
    return replace(tag, label=label) if label else None
