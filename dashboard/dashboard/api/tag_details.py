"""All that is known of one tag: what the newest snapshot says of it, and the kept history."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from dashboard.api.platform_links import links
from dashboard.history.timeline import Steps
from dashboard.snapshots.views import coverage_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.history.pane_index import Counts
    from dashboard.history.store import History
    from dashboard.snapshots.schema import Leader, Snapshot

MAX_POINTS = 2000
"""Points in the `history` of a tag."""


# Unicode's Default_Ignorable_Code_Point, as in ingest/posts/labels.py.
_ignorable = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)


def fold(text: str) -> str:
    """The key of a tag that is written so: Unicode's NFKC_Casefold (docs/protocol.md, "Post")."""
    text = _ignorable.sub("", text)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def tag_details(key: str, snapshot: Snapshot | None, history: History) -> dict[str, Any] | None:
    """What `GET /api/tags/<key>` answers; None for a tag that neither the snapshot nor the history knows.

    Raises HistoryAwayError.
    """
    panes = [pane for pane in history.index().panes() if key in pane.tags]
    now = _now(key, snapshot) if snapshot else {}
    label = now.get("label") or (_last_label(key, panes[-1], history) if panes else None)
    if label is None:
        return None
    sources = _leads_in(key, snapshot) if snapshot else []
    return {
        "key": key,
        "label": label,
        "window": now.get("window"),
        "total": now.get("total"),
        "first_seen_ms": now.get("first_seen_ms"),
        **_history(key, panes),
        "sources": sources,
        "links": _links(label, sources, snapshot) if snapshot else [],
    }


def _now(key: str, snapshot: Snapshot) -> dict[str, Any]:
    """What the snapshot says of the tag; empty if nothing."""
    window, total, batch = snapshot.window, snapshot.total, snapshot.batch
    facets = [facet.top for facet in (*snapshot.facets.source.values(), *snapshot.facets.lang.values())]
    in_window = next((leader for leader in window.top if leader.key == key), None)
    in_total = _find(key, total.top)
    leader = in_window or in_total or (_find(key, batch.top) if batch else None)
    if leader is None:
        labels = (tag.label for top in facets for tag in top if tag.key == key)
        return {"label": next(labels, None)}
    now: dict[str, Any] = {"label": leader.label, "first_seen_ms": leader.first_seen_ms}
    if in_window:
        now["window"] = {
            "rank": in_window.rank,
            "posts": in_window.posts,
            # A post counts once for a tag, so that this is at most 1.
            "share": in_window.posts / window.posts if window.posts else 0.0,
            "from_ms": window.from_ms,
            "to_ms": window.to_ms,
            "counted_from_ms": coverage_of(snapshot).from_ms,
            "panes": in_window.panes,
        }
    if in_total:
        now["total"] = {"rank": in_total.rank, "posts": in_total.posts}
    return now


def _find(key: str, top: Sequence[Leader]) -> Leader | None:
    return next((leader for leader in top if leader.key == key), None)


def _last_label(key: str, counts: Counts, history: History) -> str | None:
    """As it was written in the last pane that it led."""
    pane = history.pane(counts.key)
    return next((tag.label for tag in pane.top if tag.key == key), None) if pane else None


def _history(key: str, panes: Sequence[Counts]) -> dict[str, Any]:
    """Posts per pane, oldest first; of neighbouring panes together where there are too many."""
    points = [(pane.from_ms, pane.tags[key]) for pane in panes]
    step_ms = panes[-1].to_ms - panes[-1].from_ms if panes else 0
    if len(points) > MAX_POINTS:
        steps = Steps.over(panes[0].from_ms, panes[-1].to_ms, step_ms, MAX_POINTS)
        step_ms = steps.step_ms
        sums = enumerate(steps.sums(points))
        points = [(steps.from_ms + number * step_ms, posts) for number, posts in sums if posts]
    return {"history": points, "history_step_ms": step_ms}


def _leads_in(key: str, snapshot: Snapshot) -> list[str]:
    return [name for name, facet in snapshot.facets.source.items() if any(tag.key == key for tag in facet.top)]


def _links(label: str, sources: list[str], snapshot: Snapshot) -> list[dict[str, str]]:
    """On the sources that it leads in; a tag that leads in none came from one of all."""
    status = snapshot.health.ingest.status
    running = status.sources if status else []
    return links(label, sources or [source.name for source in running], running)
