"""The HTTP route of the lesson view: the trace of the last micro-batch, which the job makes while somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import gevent  # type: ignore[import-untyped]
from flask import Blueprint, Response
from gevent.lock import BoundedSemaphore  # type: ignore[import-untyped]
from msgspec import Meta, Struct
from msgspec.structs import replace

from dashboard.api.responses import answer
from dashboard.job.client import JobRefusedError, JobUnreachableError
from dashboard.snapshots.fault_schema import Faults
from dashboard.snapshots.trace_schema import Trace, TraceStage

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.job.client import JobClient
    from dashboard.snapshots.shown_times import ShownTimes

#: How long a page waits for the job.
SECONDS = 2.0
#: All pages together request one trace in this time.
EACH_MS = 1000
#: An answer is held for this long: it has posts of people.
HELD_SECONDS = 5.0
NO_FAULTS = Faults(allowed=False, latest=None)


class TraceAnswer(Struct, frozen=True, kw_only=True):
    """The job's answer."""

    trace: Trace | None
    error: str | None = None


class Lesson(Struct, frozen=True, kw_only=True):
    """What the lesson view shows."""

    trace: Annotated[
        Trace | None, Meta(description="The last micro-batch. Null until there is one since somebody has requested it.")
    ]
    error: Annotated[
        str | None, Meta(description="What of it can't be shown, or why there is none, as one sentence, or null.")
    ]
    faults: Annotated[Faults, Meta(description="What the buttons of the lesson view may do, and have done.")]


class Lessons:
    """Requests the trace once for all pages that ask at about the same time."""

    def __init__(
        self,
        job: JobClient,
        times: ShownTimes,
        monotonic_ms: Callable[[], int],
        later: Callable[..., object] = gevent.spawn_later,
        faults: Callable[[], Faults] = lambda: NO_FAULTS,
    ) -> None:
        """Args:
        job: Requests to the job.
        times: When snapshots were shown.
        monotonic_ms: Milliseconds of a clock that is never set back.
        later: Calls a function with arguments after some seconds.
        faults: Whether faults are allowed, and the newest one.
        """
        self._later = later
        self._job = job
        self._times = times
        self._faults = faults
        self._monotonic_ms = monotonic_ms
        self._free = BoundedSemaphore(1)
        self._made: Lesson | None = None
        self._made_ms = 0

    def newest(self) -> Lesson:
        """The newest answer. While it is requested, other pages get the one before."""
        is_old = self._made is None or self._monotonic_ms() - self._made_ms >= EACH_MS
        if is_old and self._free.acquire(blocking=False):
            try:
                self._made, self._made_ms = self._make(), self._monotonic_ms()
                self._later(HELD_SECONDS, self._forget, self._made)
            finally:
                self._free.release()
        return self._made or Lesson(trace=None, error=None, faults=NO_FAULTS)

    def _forget(self, made: Lesson) -> None:
        """Forget an answer, unless there is a newer one."""
        if self._made is made:
            self._made = None

    def _make(self) -> Lesson:
        try:
            found = self._job.get("/trace", {}, TraceAnswer, SECONDS)
        except (JobUnreachableError, JobRefusedError) as error:
            return Lesson(trace=None, error=str(error), faults=self._faults())
        return Lesson(trace=self._with_show(found.trace), error=found.error, faults=self._faults())

    def _with_show(self, trace: Trace | None) -> Trace | None:
        """The trace, with the time in which this dashboard showed its snapshot."""
        time = self._times.find((trace.epoch, trace.seq)) if trace is not None else None
        if trace is None or time is None:
            return trace
        show = TraceStage(stage="show", place="dashboard", began_ms=time.began_ms, ended_ms=time.ended_ms)
        return replace(trace, stages=[*trace.stages, show])


def lesson_routes(lessons: Lessons) -> Blueprint:
    """`/api/lesson`. It needs no token."""
    routes = Blueprint("lesson", __name__)

    @routes.get("/api/lesson")
    def lesson() -> Response:
        return answer(200, lessons.newest())

    return routes
