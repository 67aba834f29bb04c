"""What a link preview is about: the window by posts or by people, or the hashtags that rise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dashboard.snapshots.rising import count_topics

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.snapshots.schema import Snapshot

Subject = Literal["posts", "authors", "rising"]

#: The query of the picture of each subject.
QUERIES: dict[Subject, str] = {"posts": "", "authors": "?by=authors", "rising": "?view=rising"}
#: Parameters of an address that choose a view.
CHOICES = ("view", "by", "source", "lang", "at")


def named_subject(query: Mapping[str, str]) -> Subject:
    """The subject that the query of an address names; `posts` if it names none."""
    view = query.get("view", "window")
    if view == "rising":
        return "rising"
    return "authors" if query.get("by") == "authors" and view == "window" else "posts"


def page_subject(query: Mapping[str, str], snapshot: Snapshot) -> Subject:
    """What a page with this query is about. The first view of a page is the list, and the window if it is empty."""
    if count_topics(snapshot.rising) and not any(name in query for name in CHOICES):
        return "rising"
    return named_subject(query)
