"""The HTTP route that lets the job count a closed pane again, from the posts of the log."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from flask import Blueprint, Response, request
from gevent.lock import BoundedSemaphore  # type: ignore[import-untyped]
from msgspec import Meta, Struct
from msgspec.structs import replace
from werkzeug.exceptions import NotFound, TooManyRequests

from dashboard.api.responses import Error, answer, time_of
from dashboard.api.tag_names import name_of
from dashboard.history.store import HistoryAwayError
from dashboard.job.client import JobRefusedError, JobUnreachableError
from dashboard.snapshots.fields import Count, TimeMs
from dashboard.snapshots.keys import fold
from dashboard.traffic.token_bucket import TokenBucket

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.history.store import History
    from dashboard.job.client import JobClient
    from dashboard.snapshots.mute_list import MuteList

#: How long the job may take: it reads at most half a million posts.
SECONDS = 30.0
#: Recounts at once after a pause, and then the seconds for each, of all clients together.
BURST, SECONDS_EACH = 3, 5.0
#: What the job may answer: the pane is not known; not all of its posts are stored any more, or it has too many.
PASSED_ON = {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}


class TwoCounts(Struct, frozen=True, kw_only=True):
    """A number as it was counted, and as it is counted now."""

    counted: Annotated[
        Count | None,
        Meta(
            description="As it was counted when the posts arrived. Null if neither the job nor the stored panes have "
            "it: a pane is stored with its leading 50 tags."
        ),
    ]
    recounted: Annotated[Count, Meta(description="As it is counted now, from the posts of the log.")]


class Recount(Struct, frozen=True, kw_only=True):
    """A closed pane that was counted again."""

    from_ms: Annotated[TimeMs, Meta(description="When the pane begins.")]
    to_ms: Annotated[TimeMs, Meta(description="When the pane ends.")]
    posts: Annotated[TwoCounts, Meta(description="All posts of the pane, those without tags too.")]
    tag: Annotated[TwoCounts | None, Meta(description="The posts with the tag. Null if none was requested.")]
    read_posts: Annotated[Count, Meta(description="How many posts of the log were read for it.")]


def recount_routes(job: JobClient, history: History, muted: MuteList, monotonic_ms: Callable[[], int]) -> Blueprint:
    """`/api/recount`: one at a time, and not too often. `monotonic_ms`: milliseconds of a clock never set back."""
    routes = Blueprint("recount", __name__)
    free, tokens = BoundedSemaphore(1), TokenBucket(BURST, 1 / SECONDS_EACH, monotonic_ms)

    @routes.get("/api/recount")
    def recount() -> Response:
        parameters = _parameters(muted)
        if not free.acquire(blocking=False):
            raise TooManyRequests("Another pane is being counted again now.", retry_after=round(SECONDS_EACH))
        try:
            if not tokens.spend():
                raise TooManyRequests("Too many recounts.", retry_after=max(1, round(tokens.seconds_until())))
            found = job.get("/recount", parameters, Recount, SECONDS)
            return answer(200, _with_stored(found, history, parameters.get("key")))
        except JobUnreachableError as error:
            return answer(503, Error(str(error)))
        except JobRefusedError as error:
            return answer(error.status if error.status in PASSED_ON else 503, Error(str(error)))
        finally:
            free.release()

    return routes


def _with_stored(recount: Recount, history: History, key: str | int | None) -> Recount:
    """The recount, with what is stored of a pane that the job has forgotten."""
    try:
        panes = history.index().panes()
    except HistoryAwayError:
        return recount
    pane = next((pane for pane in panes if pane.from_ms == recount.from_ms), None)
    if pane is None:
        return recount
    posts, tag = recount.posts, recount.tag
    if posts.counted is None:
        posts = replace(posts, counted=pane.posts)
    if tag is not None and tag.counted is None:
        tag = replace(tag, counted=pane.tags.get(str(key)))
    return replace(recount, posts=posts, tag=tag)


def _parameters(muted: MuteList) -> dict[str, str | int]:
    """The pane, and the key of the tag if there is one.

    Raises:
        BadRequest: The pane is missing or wrong.
        NotFound: The tag is muted.

    """
    from_ms, text = time_of("from_ms"), request.args.get("key")
    if text is None:
        return {"from_ms": from_ms}
    key = fold(name_of(text))
    if not key or muted.hides(key):
        raise NotFound("There is no such tag.")
    return {"from_ms": from_ms, "key": key}
