"""A fault of a lesson, and its outcome; see docs/protocol.md."""

from typing import Literal, get_args

from msgspec import Struct

from spark_job.snapshot_fields import Count, TimeMs

FaultName = Literal["stop-spark", "kill-python", "cut-socket", "same-post", "wrong-clock"]
FAULT_NAMES: tuple[FaultName, ...] = get_args(FaultName)
#: `running`: the harm lasts. `checking`: until all posts are counted and the panes are closed. The others are the end.
FaultState = Literal["running", "checking", "right", "wrong", "failed"]


class SentPost(Struct, frozen=True, kw_only=True):
    """A post that the demo sent for the fault. `at_ms`: when ingest accepted it, as the log has it."""

    id: str
    created_at: str | None
    at_ms: TimeMs | None = None


class Fault(Struct, frozen=True, kw_only=True):
    """A fault. Its times are of ingest's clock; `number` is one too, and grows.

    `accepted`, `counted` and `lost` are posts since the fault began. `pane_counted` and `pane_recounted` are those of
    all panes that it touched. `connections` were closed by it, `duplicates` were dropped by ingest since it began.
    """

    number: Count
    fault: FaultName
    began_ms: TimeMs
    ended_ms: TimeMs | None = None
    state: FaultState = "running"
    accepted: Count = 0
    counted: Count = 0
    lost: Count = 0
    pane_counted: Count | None = None
    pane_recounted: Count | None = None
    connections: Count | None = None
    duplicates: Count | None = None
    sent: list[SentPost] = []
    error: str | None = None


class LessonFaults(Struct, frozen=True, kw_only=True):
    """The answer of GET /faults: whether faults are allowed, and the newest one."""

    allowed: bool
    latest: Fault | None


class Begun(Struct, frozen=True, kw_only=True):
    """The answer of POST /faults."""

    number: Count


class FaultFailedError(Exception):
    """The fault can't be done, or its outcome can't be known. The text is one sentence."""
