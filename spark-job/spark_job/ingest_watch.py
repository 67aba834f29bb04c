"""Watch ingest: request its `STATUS`, and remember the newest one and since when ingest answers or does not."""

import logging
from collections.abc import Callable

from spark_job.executor.ingest_client import ContractError, IngestClient, Status, TooLargeError
from spark_job.executor.posts import parse
from spark_job.executor.printable import printable
from spark_job.snapshot_schema import Ingest

logger = logging.getLogger(__name__)


def not_requested_yet(since_ms: int) -> Ingest:
    """What is known of ingest before the first request."""
    return Ingest(reachable=False, since_ms=since_ms, error="not requested yet", status=None)


def status_of(ingest: Ingest, log: str) -> Status | None:
    """Ingest's status, if it was reachable and serves this log."""
    status = ingest.status if ingest.reachable else None
    return status if status is not None and status["log"] == log else None


class IngestWatch:
    """Requests `STATUS` on one connection. It never raises when ingest can't be reached."""

    def __init__(self, client: IngestClient, wall_ms: Callable[[], int]) -> None:
        self._client = client
        self._wall_ms = wall_ms
        self.latest = not_requested_yet(wall_ms())
        # The log whose acknowledgement ingest refused, and why.
        self._ack_refused: tuple[str, str] | None = None

    def poll(self) -> Ingest:
        """Request the status once. `latest` holds the result too."""
        try:
            status = self._client.status()
        except (OSError, ContractError) as error:
            if self.latest.reachable:
                logger.info("ingest can't be reached: %s", printable(repr(error)))
            reason = self._client.sentence_of(error) if isinstance(error, OSError) else error
            self._note(reachable=False, error=printable(reason), status=self.latest.status)
        else:
            # A log that is gone can't be acknowledged. That is no error.
            if self._ack_refused is not None and self._ack_refused[0] != status["log"]:
                self._ack_refused = None
            ack_error = self._ack_refused[1] if self._ack_refused is not None else None
            self._note(reachable=True, error=ack_error, status=status)
        return self.latest

    def ack(self, log: str, end: int) -> None:
        """Acknowledge posts up to `end`, if ingest is reachable and has not got that yet.

        A refusal is the `error` of the next status.
        """
        status = self.latest.status
        if not self.latest.reachable or status is None or status["log"] != log or status["acked"] >= end:
            return
        try:
            self._client.ack(log, end)
        except OSError as error:
            logger.info("ingest refused the acknowledgement of %d: %s", end, printable(error))
        except ContractError as error:
            refusal = log, printable(error)
            if self._ack_refused != refusal:
                logger.warning("ingest refused the acknowledgement of %d: %s", end, refusal[1])
            self._ack_refused = refusal
        else:
            self._ack_refused = None

    def at_ms_of(self, offset: int) -> int | None:
        """`at_ms` of the post at `offset`, or `None` if ingest can't give it.

        Raises:
            OSError: Ingest can't be reached.

        """
        try:
            piece = self._client.read(offset, offset + 1)
            if piece.posts != 1 or piece.first != offset:
                return None
            # A post that was skipped when it was counted has no time now either.
            return int(parse(piece)["at_ms"][0].as_py())
        except (OSError, ContractError, TooLargeError) as error:
            logger.info("ingest did not give the post at %d: %s", offset, printable(error))
            if isinstance(error, OSError):
                raise
            return None

    def _note(self, *, reachable: bool, error: str | None, status: Status | None) -> None:
        changed = reachable != self.latest.reachable
        if changed and reachable:
            logger.info("ingest answers")
        since_ms = self._wall_ms() if changed else self.latest.since_ms
        self.latest = Ingest(reachable=reachable, since_ms=since_ms, error=error, status=status)
