"""The time in which ingest did not run, and so received nothing."""

from spark_job.executor.ingest_client import Status


class IngestDowntime:
    """Compares each `STATUS` with the one before."""

    def __init__(self) -> None:
        self._started_ms = 0
        self._ran_until_ms = 0

    def note(self, status: Status, counted_until_ms: int) -> tuple[int, int] | None:
        """The time in which ingest did not run, by its clock, if it has started since the status before.

        `counted_until_ms`: the time of the last counted post. After a start of the job, nothing else is known.
        """
        started_ms = status.get("started_ms")
        if type(started_ms) is not int:
            return None
        ran_until_ms, has_started = self._ran_until_ms or counted_until_ms, started_ms != self._started_ms
        self._started_ms, self._ran_until_ms = started_ms, status["watermark_ms"]
        return (ran_until_ms, started_ms) if has_started and ran_until_ms < started_ms else None
