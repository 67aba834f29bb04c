"""Faults of a lesson: harm that is done on purpose to the running services, and whether the counts came out right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from dashboard.job.client import JobRefusedError, JobUnreachableError
from dashboard.snapshots.fault_schema import FAULT_NAME, FaultName, Faults
from dashboard.snapshots.fields import Count

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.job.client import JobClient

#: How long the answer of the job may take. Before it begins a fault, it requests the status of ingest.
READ_SECONDS, BEGIN_SECONDS = 1.0, 6.0
#: The job is asked once in this time, for all pages.
EACH_MS = 1000


class WantedFault(Struct, frozen=True, forbid_unknown_fields=True):
    """A fault to begin."""

    fault: Annotated[FaultName, FAULT_NAME]


class BegunFault(Struct, frozen=True):
    """A fault that has begun."""

    number: Annotated[Count, Meta(description="The number of the fault. It grows from fault to fault.")]


class JobFaults:
    """Lets the job do faults. `is_allowed`: whether LESSON_FAULTS is 1 for the dashboard."""

    def __init__(self, client: JobClient, is_allowed: bool, monotonic_ms: Callable[[], int]) -> None:
        self._client = client
        self.is_allowed = is_allowed
        self._monotonic_ms = monotonic_ms
        self._known = Faults(allowed=False, latest=None)
        self._known_at_ms: int | None = None

    def begin(self, wanted: WantedFault) -> BegunFault:
        """Begin a fault.

        Raises:
            JobUnreachableError: The job can't be reached.
            JobRefusedError: It is not allowed, or another fault is not over.

        """
        self._known_at_ms = None
        return self._client.post("/faults", wanted, BegunFault, BEGIN_SECONDS)

    def now(self) -> Faults:
        """Whether faults are allowed, and the newest one. While the job can't be reached, what it said last."""
        now_ms = self._monotonic_ms()
        is_due = self._known_at_ms is None or now_ms - self._known_at_ms >= EACH_MS
        if self.is_allowed and is_due:
            self._known_at_ms = now_ms
            try:
                self._known = self._client.get("/faults", {}, Faults, READ_SECONDS)
            except JobRefusedError:
                # Its own LESSON_FAULTS is 0.
                self._known = Faults(allowed=False, latest=None)
            except JobUnreachableError:
                pass
        return self._known
