"""The HTTP routes of single numbers."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, get_args
from urllib.parse import urlencode

import msgspec
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, Gone, NotFound

from dashboard.api.history import PAST_RANKINGS
from dashboard.api.numbers.explanation import explanation
from dashboard.api.numbers.moment import Moment, moment_now, moment_past
from dashboard.api.numbers.names import NUMBERS
from dashboard.api.responses import Error, answer, choice_of, time_of
from dashboard.api.tag_names import name_of
from dashboard.history.store import HistoryAwayError
from dashboard.snapshots.event import By, Ranking
from dashboard.snapshots.freshness import NONE_YET
from dashboard.snapshots.keys import fold
from dashboard.snapshots.recent import NotHeldError
from dashboard.snapshots.views import ViewError, parse_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.api.numbers.names import Value
    from dashboard.history.store import History
    from dashboard.job.tags import CountedTag
    from dashboard.snapshots.event import View
    from dashboard.snapshots.latest import Latest
    from dashboard.snapshots.mute_list import MuteList
    from dashboard.snapshots.recent import Order, RecentSnapshots

#: Parameters that say which number it is, in the order in which the command has them.
PARAMETERS = ("of", "at_ms", "epoch", "seq", "view", "source", "lang", "by", "key", "other", "input")
TOO_OLD = "Only the snapshots of the last two minutes are held. For the past, use at_ms in place of epoch and seq."


class Numbers:
    """Finds numbers of the newest snapshots and of the past."""

    def __init__(
        self,
        latest: Latest,
        recent: RecentSnapshots,
        history: History,
        muted: MuteList,
        found: Callable[[str, Order], CountedTag | None],
        top_n: int,
    ) -> None:
        """`found`: what the job found of a tag at the time of a snapshot."""
        self._latest = latest
        self._recent = recent
        self._history = history
        self._muted = muted
        self._found = found
        self._top_n = top_n

    def requested(self) -> tuple[str, Moment, Value]:
        """The number of the request: its name, its moment, and its value.

        Raises:
            BadRequest: The request names no number.
            NotFound: The number is not known.
            Gone: Its snapshot is not held any more.
            HistoryAwayError: The history can't be read.

        """
        of = request.args.get("of", "")
        if of not in NUMBERS:
            raise BadRequest(f"of must be one of {', '.join(NUMBERS)}.")
        moment = self._moment(of, _view())
        value = NUMBERS[of].value(moment)
        if value is None:
            raise NotFound("This number is not known at that moment.")
        return of, moment, value

    def _moment(self, of: str, view: View) -> Moment:
        key, other = self._key("key"), self._key("other")
        if key is None and NUMBERS[of].tagged == "must":
            raise NotFound(f"{of} is a number of a tag: key must be its key.")
        if NUMBERS[of].tagged == "never":
            key = None
        if "at_ms" in request.args:
            _check_past(view)
            past = moment_past(self._history, time_of("at_ms"), self._top_n, view)
            if past is None:
                raise NotFound("No window that old is stored.")
            return replace(past, key=key, other=other)
        order = self._order()
        counted = self._found(key, order) if key is not None and view.ranking == "window" else None
        return replace(self._now(order, view), key=key, other=other, input=request.args.get("input"), counted=counted)

    def _order(self) -> Order:
        """The snapshot of the request; the newest one if it names none."""
        if "epoch" in request.args or "seq" in request.args:
            return time_of("epoch", 0), time_of("seq", 0)
        if self._latest.shown is None:
            raise NotFound(NONE_YET)
        return self._latest.shown.order

    def _now(self, order: Order, view: View) -> Moment:
        shown = self._latest.shown
        if shown is not None and shown.order == order:
            return moment_now(shown.snapshot, view)
        try:
            return moment_now(self._recent.find(order), view)
        except NotHeldError as error:
            if shown is not None and order < shown.order:
                raise Gone(TOO_OLD) from error
            raise NotFound("There is no such snapshot.") from error

    def _key(self, name: str) -> str | None:
        text = request.args.get(name)
        key = None if text is None else fold(name_of(text))
        if key is not None and (not key or self._muted.hides(key)):
            raise NotFound("There is no such tag.")
        return key


def number_routes(numbers: Numbers, public_url: str) -> Blueprint:
    """`/api/number` and `/api/explain`. `public_url`: the address of the page; empty: that of the request."""
    routes = Blueprint("numbers", __name__)

    @routes.get("/api/number")
    def number() -> Response:
        _, _, value = numbers.requested()
        response = Response(msgspec.json.encode(value) + b"\n", content_type="text/plain; charset=utf-8")
        response.headers["Cache-Control"] = "no-store"
        return response

    @routes.get("/api/explain")
    def explain() -> Response:
        of, moment, value = numbers.requested()
        address = f"{public_url or request.host_url.rstrip('/')}/api/number?{urlencode(_parameters(moment))}"
        return answer(200, explanation(of, value, moment, f"curl -fsS {shlex.quote(address)}"))

    @routes.errorhandler(HistoryAwayError)
    def away(error: HistoryAwayError) -> Response:
        return answer(503, Error(str(error)))

    return routes


def _view() -> View:
    """The view in the query string.

    Raises:
        BadRequest: A word is none of a view; one sentence.
        NotFound: There is no such view; one sentence.

    """
    ranking, by = choice_of("view", get_args(Ranking)), choice_of("by", get_args(By))
    given = {name: request.args[name] for name in ("source", "lang") if name in request.args}
    try:
        return parse_view({"ranking": ranking, "by": by, **given})
    except ViewError as error:
        raise NotFound(str(error)) from error


def _check_past(view: View) -> None:
    """Check that the view is one that is stored.

    Raises:
        NotFound: It is not; one sentence.

    """
    if view.ranking not in PAST_RANKINGS or view.source is not None or view.lang is not None:
        raise NotFound("Of the past, only the window of all posts and the list of rising tags are stored.")


def _parameters(moment: Moment) -> dict[str, str | int]:
    """The query of the number, which always names its moment."""
    given: dict[str, str | int] = {name: request.args[name] for name in PARAMETERS if name in request.args}
    if moment.snapshot is not None:
        given |= {"epoch": moment.snapshot.epoch, "seq": moment.snapshot.seq}
    return {name: given[name] for name in PARAMETERS if name in given}
