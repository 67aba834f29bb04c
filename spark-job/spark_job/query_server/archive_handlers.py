"""What the query port answers about the archive: /archive/hours, /archive/leaders and /archive/tag."""

import contextlib
from collections.abc import Callable, Iterator
from http import HTTPStatus

import duckdb

from spark_job.archive.past import DAY_MS, MOST_DAYS, ArchivedHours, Leaders, Past, TagOverTime
from spark_job.executor.posts import MAX_TIME_MS
from spark_job.mute.mute_list import MuteList
from spark_job.query_server.handlers import number
from spark_job.query_server.server import Handler, Parameters, RefusedError
from spark_job.state.open_hours import HOUR_MS

STEPS = {"hour": HOUR_MS, "day": DAY_MS}
NONE = "there is no archive: ARCHIVE_DIR is empty"
AWAY = "the archive can't be read now"


def archive_handlers(past: Past | None, muted: Callable[[], MuteList]) -> dict[str, Handler]:
    """The handlers by path. Without an archive they say so."""

    def archive() -> Past:
        if past is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, NONE)
        return past

    def hours(given: Parameters) -> ArchivedHours:
        from_ms, to_ms = _range(given, HOUR_MS)
        with _readable():
            return archive().hours(from_ms, to_ms)

    def leaders(given: Parameters) -> Leaders:
        with _readable():
            return archive().leaders(number(given, "at_ms", 0, MAX_TIME_MS), _step(given), muted())

    def tag(given: Parameters) -> TagOverTime:
        key, step_ms = given.get("key", ""), _step(given)
        if not key:
            raise RefusedError(HTTPStatus.BAD_REQUEST, "key must be a key of a tag")
        if muted().hides(key):
            raise RefusedError(HTTPStatus.NOT_FOUND, "the tag is muted")
        from_ms, to_ms = _range(given, step_ms)
        with _readable():
            return archive().tag(key, from_ms, to_ms, step_ms)

    return {"/archive/hours": hours, "/archive/leaders": leaders, "/archive/tag": tag}


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    """Turn errors of the files into one sentence."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, AWAY) from error


def _step(given: Parameters) -> int:
    step = given.get("step", "hour")
    if step not in STEPS:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"step must be one of {', '.join(STEPS)}")
    return STEPS[step]


def _range(given: Parameters, step_ms: int) -> tuple[int, int]:
    """Whole steps that have the times from `from_ms` to `to_ms`."""
    from_ms, to_ms = number(given, "from_ms", 0, MAX_TIME_MS), number(given, "to_ms", 0, MAX_TIME_MS)
    if not 0 < to_ms - from_ms <= MOST_DAYS * DAY_MS:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"to_ms must be at most {MOST_DAYS} days after from_ms")
    return from_ms - from_ms % step_ms, to_ms + -to_ms % step_ms
