"""The HTTP routes of the past: stored panes, the window at a time, posts over time, one tag."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from flask import Blueprint, Response
from msgspec import UNSET
from werkzeug.exceptions import NotFound

from dashboard.api.responses import MAX_TIME_MS, Error, answer, cached, choice_of, number_of, time_of
from dashboard.api.tag_details import tag_details
from dashboard.api.tag_names import name_of
from dashboard.history.store import HistoryAwayError
from dashboard.history.timeline import timeline
from dashboard.history.window_at import past_event
from dashboard.snapshots.event import By, Ranking, View
from dashboard.snapshots.keys import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.history.store import History
    from dashboard.job.tags import CountedTag
    from dashboard.snapshots.latest import Latest
    from dashboard.snapshots.mute_list import MuteList

#: The rankings that a pane has stored.
PAST_RANKINGS: tuple[Ranking, ...] = ("window", "rising")
#: Whether a window has more tags than are shown.
RESERVES = ("false", "true")
POINTS = 360
MAX_POINTS = 2000
#: How long a browser may cache a window of the past. A late post may still correct it.
PAST_SECONDS = 60


def history_routes(
    latest: Latest, history: History, muted: MuteList, counted: Callable[[str], CountedTag | None], top_n: int
) -> Blueprint:
    """The routes of the last 24 hours. They need no token.

    Args:
        latest: The newest snapshot.
        history: The stored panes.
        muted: The muted tags.
        counted: Finds a tag that may lead nowhere, by its key.
        top_n: Bars on the page.

    """
    routes = Blueprint("history", __name__)

    @routes.get("/api/history")
    def panes() -> Response:
        return cached(history.read(time_of("from_ms", 0), time_of("to_ms", MAX_TIME_MS)))

    @routes.get("/api/windows")
    def window() -> Response:
        at_ms = time_of("at_ms")
        event = past_event(history, at_ms, top_n, _past_view())
        if event is None:
            raise NotFound(f"No window that ended by {at_ms} is kept.")
        newest = history.index().ended_with_window(MAX_TIME_MS)
        return cached(event, PAST_SECONDS if newest and newest.to_ms > event.to_ms else 0)

    @routes.get("/api/timeline")
    def posts() -> Response:
        return cached(timeline(history.index().panes(), number_of("points", POINTS, MAX_POINTS)))

    @routes.get("/api/tags/<path:key>")
    def tag(key: str) -> Response:
        name = name_of(key)
        snapshot = latest.shown.snapshot if latest.shown else None
        # Older stored counts may have keys with invisible characters.
        keys = [] if muted.hides(name) else [*dict.fromkeys((fold(name), name))]
        for key in keys:
            details = tag_details(key, snapshot, history, counted(key))
            if details is not None:
                return cached(details)
        raise NotFound(f"#{name[:100]} was not among the leading tags of the last 24 hours.")

    @routes.errorhandler(HistoryAwayError)
    def away(error: HistoryAwayError) -> Response:
        return answer(503, Error(str(error)))

    return routes


def _past_view() -> View:
    """The view in the query string. `by` has no meaning for the list of rising tags.

    Raises:
        BadRequest: It is not a view that the past has; one sentence.

    """
    ranking, by = choice_of("view", PAST_RANKINGS), choice_of("by", get_args(By))
    reserve = choice_of("reserve", RESERVES) == "true" or UNSET
    return View("rising") if ranking == "rising" else View(by=by, reserve=reserve)
