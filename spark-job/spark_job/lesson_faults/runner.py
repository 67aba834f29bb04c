"""Do a fault, one at a time, and find out whether the counts are right after it."""

import logging
import subprocess
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple

import duckdb
import msgspec

from spark_job.executor.ingest_client import ContractError, IngestClient, Status, TooLargeError
from spark_job.lesson_faults.fault import Fault, FaultFailedError, FaultName, LessonFaults, SentPost
from spark_job.lesson_faults.java_pause import JavaPause
from spark_job.lesson_faults.numbers import Position, duplicates_of, read_position, times_in_log
from spark_job.lesson_faults.python_workers import kill_worker
from spark_job.query_server.recount import Recounter
from spark_job.query_server.server import RefusedError
from spark_job.snapshot_schema import Ingest
from spark_job.state.reader import ClosedError, Reader

#: How long Java stands still.
STOP_SECONDS = 10.0
#: How long to look for a Python worker: a micro-batch without posts needs none.
WORKER_SECONDS = 5.0
#: The check ends without a result after this time and two panes: Spark may have to start its query again.
CHECK_SECONDS = 120.0
#: How often the numbers of a fault are read.
EACH_SECONDS = 0.5
#: What a fault does may reach ingest's log so much later.
SETTLE_MS = 500
#: The post that is sent again is among so many posts before the fault.
POSTS_BEFORE = 1000
NOT_ALLOWED = "faults need LESSON_FAULTS=1 for ingest, job and dashboard, and SOURCE=demo with no other source"
STATES_OF_THE_END = frozenset({"right", "wrong", "failed"})

logger = logging.getLogger(__name__)


class _Before(NamedTuple):
    """What was when a fault began."""

    status: Status
    position: Position


class FaultRunner:
    """Does one fault at a time, in a thread of its own. Any thread may call it."""

    def __init__(
        self,
        connect: Callable[[], IngestClient],
        reader: Reader,
        recounter: Recounter,
        pane_ms: int,
        stop: threading.Event,
        monotonic_ms: Callable[[], int],
    ) -> None:
        """Args:
        connect: Makes a client of ingest with the secret of the services.
        reader: Reads the state.
        recounter: Counts panes again.
        pane_ms: The length of a pane.
        stop: Is set when the job ends.
        monotonic_ms: Milliseconds of a clock that is never set back.
        """
        self._connect = connect
        self._reader = reader
        self._recounter = recounter
        self._pane_ms = pane_ms
        self._stop = stop
        self._monotonic_ms = monotonic_ms
        self._lock = threading.Lock()
        self._java: subprocess.Popen[bytes] | None = None
        self._is_allowed = False
        self._latest: Fault | None = None

    def note_java(self, java: subprocess.Popen[bytes] | None) -> None:
        """Note Spark's Java, if this process has started it."""
        self._java = java

    def note_ingest(self, ingest: Ingest) -> None:
        """Note what is known of ingest: whether its only source is the demo, and its LESSON_FAULTS is 1."""
        sources = ingest.status.get("sources", []) if ingest.status is not None else []
        facts = sources[0].get("facts") if [source["name"] for source in sources] == ["demo"] else None
        self._is_allowed = isinstance(facts, dict) and facts.get("lesson_faults") == 1

    def faults(self) -> LessonFaults:
        """Whether faults are allowed, and the newest one."""
        return LessonFaults(allowed=self._is_allowed, latest=self._latest)

    def begin(self, name: FaultName) -> int:
        """Begin a fault, and return its number.

        Raises:
            RefusedError: It is not allowed, or not possible now.

        """
        with self._lock:
            if not self._is_allowed:
                raise RefusedError(HTTPStatus.FORBIDDEN, NOT_ALLOWED)
            if self._latest is not None and self._latest.state not in STATES_OF_THE_END:
                raise RefusedError(HTTPStatus.CONFLICT, "another fault is not over yet")
            before = self._before()
            last_number = 0 if self._latest is None else self._latest.number
            fault = Fault(
                number=max(before.status["watermark_ms"], last_number + 1),
                fault=name,
                began_ms=before.status["watermark_ms"],
            )
            self._latest = fault
        logger.warning("a lesson disturbs the services on purpose: %s, number %d", name, fault.number)
        threading.Thread(target=self._run, args=(fault, before), name="fault", daemon=True).start()
        return fault.number

    def _before(self) -> _Before:
        try:
            with self._connect() as client:
                status = client.status()
        except (OSError, ContractError) as error:
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, "ingest can't be reached") from error
        position = read_position(self._reader)
        if position is None or position.log != status["log"]:
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, "nothing is counted yet")
        return _Before(status, position)

    def _run(self, fault: Fault, before: _Before) -> None:
        try:
            with self._connect() as client:
                # Ingest alone knows where posts come from, so it decides about all faults.
                done = client.fault(fault.fault, fault.number)
                self._note(connections=done.get("connections"), sent=msgspec.convert(done.get("sent"), list[SentPost]))
                self._harm(fault.fault, client, before)
                ended_ms = client.status()["watermark_ms"]
                self._note(state="checking", ended_ms=ended_ms)
                self._check(client, before, fault.began_ms, ended_ms + SETTLE_MS)
        except (FaultFailedError, RefusedError, OSError, ContractError, TooLargeError) as error:
            self._note(state="failed", error=_sentence(error))
        except (ClosedError, duckdb.Error):
            self._note(state="failed", error="the counts can't be read now")
        except (msgspec.MsgspecError, ValueError, KeyError):
            self._note(state="failed", error="ingest answered with something that is not agreed on")
        logger.info("the fault %s ended: %s", fault.fault, self._latest)

    def _harm(self, name: FaultName, client: IngestClient, before: _Before) -> None:
        """What the job does itself. Ingest has done the rest."""
        if name == "stop-spark":
            with JavaPause(self._java_id(), STOP_SECONDS) as pause:
                while not pause.is_over and not self._stop.wait(EACH_SECONDS):
                    self._note_numbers(client, before)
            self._require(not self._stop.is_set(), "the job ends")
        elif name == "kill-python":
            deadline_ms = self._monotonic_ms() + round(1000 * WORKER_SECONDS)
            while (worker := kill_worker(self._java_id())) is None:
                self._require(self._monotonic_ms() < deadline_ms, "no Python worker of Spark runs on this machine")
                self._require(not self._stop.wait(EACH_SECONDS / 5), "the job ends")
            logger.warning("killed the Python worker %d", worker)

    def _java_id(self) -> int:
        if self._java is None or self._java.poll() is not None:
            raise FaultFailedError("this job has not started a Java of Spark")
        return self._java.pid

    def _check(self, client: IngestClient, before: _Before, began_ms: int, ended_ms: int) -> None:
        """Wait until the panes are closed and all posts are counted, then count the panes again."""
        panes = range(began_ms - began_ms % self._pane_ms, ended_ms + 1, self._pane_ms)
        deadline_ms = self._monotonic_ms() + round(1000 * CHECK_SECONDS) + 2 * self._pane_ms
        while self._wait(client, before, deadline_ms).closed_until_ms < panes[-1] + self._pane_ms:
            pass
        end = client.status()["end"]
        while (position := self._wait(client, before, deadline_ms)).next_offset < end:
            pass
        found = [self._recounter.recount(from_ms, None).posts for from_ms in panes]
        self._require(all(each.counted is not None for each in found), "the job has forgotten the pane already")
        self._note(
            accepted=position.next_offset - before.position.next_offset,
            pane_counted=sum(each.counted or 0 for each in found),
            pane_recounted=sum(each.recounted for each in found),
        )
        self._judge(client, before, position.next_offset)

    def _wait(self, client: IngestClient, before: _Before, deadline_ms: int) -> Position:
        """Wait a moment, and note the numbers of then; return the position."""
        while True:
            self._require(not self._stop.wait(EACH_SECONDS), "the job ends")
            self._require(self._monotonic_ms() < deadline_ms, "not all posts were counted in time")
            if (position := self._note_numbers(client, before)) is not None:
                return position

    def _judge(self, client: IngestClient, before: _Before, end: int) -> None:
        fault = self._now()
        start = max(before.status["first"], before.position.next_offset - POSTS_BEFORE)
        times = times_in_log(client, start, end, [post.id for post in fault.sent])
        is_once = all(len(each) == 1 for each in times.values())
        sent = [msgspec.structs.replace(post, at_ms=min(times[post.id], default=None)) for post in fault.sent]
        is_right = (
            is_once
            and (fault.counted, fault.lost) == (fault.accepted, 0)
            and fault.pane_counted == fault.pane_recounted
            and (fault.fault != "same-post" or bool(fault.duplicates))
            and (fault.fault != "wrong-clock" or all((post.at_ms or 0) >= fault.began_ms for post in sent))
        )
        self._note(sent=sent, state="right" if is_right else "wrong")

    def _note_numbers(self, client: IngestClient, before: _Before) -> Position | None:
        """Note what is accepted and counted now. None if it can't be read."""
        position = read_position(self._reader)
        try:
            status = client.status()
        except OSError:
            return None
        if position is None:
            return None
        is_same = (position.epoch, status["log"]) == (before.position.epoch, before.position.log)
        self._require(is_same, "counting has begun again meanwhile")
        self._note(
            # A post that is counted was accepted, whichever number was read first.
            accepted=max(status["end"], position.next_offset) - before.position.next_offset,
            counted=position.posts - before.position.posts,
            lost=position.lost - before.position.lost,
            duplicates=duplicates_of(status) - duplicates_of(before.status),
        )
        return position

    def _now(self) -> Fault:
        fault = self._latest
        if fault is None:
            raise FaultFailedError("there is no fault")
        return fault

    def _note(self, **changes: Any) -> None:
        self._latest = msgspec.structs.replace(self._now(), **changes)

    @staticmethod
    def _require(is_so: bool, otherwise: str) -> None:
        if not is_so:
            raise FaultFailedError(otherwise)


def _sentence(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text.removeprefix("ingest refused FAULT: ")[:300]
