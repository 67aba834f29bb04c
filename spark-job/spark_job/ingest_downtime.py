"""The time in which ingest did not run, and so received nothing."""

from spark_job.executor.ingest_client import Status


class IngestDowntime:
    """Compares a `STATUS` with the one that was noted last."""

    def __init__(self) -> None:
        self._started_ms = 0
        self._ran_until_ms = 0

    def gap(self, status: Status, counted_until_ms: int) -> tuple[int, int] | None:
        """The time in which ingest did not run, by its clock, if it has started since the noted status.

        `counted_until_ms`: the time of the last counted post. After a start of the job, nothing else is known.
        """
        started_ms = status.get("started_ms")
        if type(started_ms) is not int:
            return None
        ran_until_ms, has_started = self._ran_until_ms or counted_until_ms, started_ms != self._started_ms
        return (ran_until_ms, started_ms) if has_started and ran_until_ms < started_ms else None

    def note(self, status: Status) -> None:
        """Note a status whose gap is stored. Until then, each `gap` returns it again."""
        started_ms = status.get("started_ms")
        if type(started_ms) is int:
            self._started_ms, self._ran_until_ms = started_ms, status["watermark_ms"]
