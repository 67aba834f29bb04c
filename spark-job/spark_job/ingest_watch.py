"""What the job knows of ingest: its last `STATUS`, and since when it answers or does not."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from spark_job.executor.foreign import shown
from spark_job.executor.ingest_client import ContractError, IngestClient, TooLargeError
from spark_job.executor.posts import parse

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """The last look. `status` is the newest that ever came, even if ingest is away now.

    An `error` of an ingest that is reachable says that it refuses acknowledgements.
    """

    reachable: bool
    since_ms: int
    error: str | None
    status: dict[str, Any] | None

    def as_health(self) -> dict[str, Any]:
        """The contract's `health.ingest`."""
        return {
            "reachable": self.reachable,
            "since_ms": self.since_ms,
            "error": self.error,
            "status": self.status,
        }


class IngestWatch:
    """Asks `STATUS` on one connection, and never raises for an ingest that is away."""

    def __init__(self, client: IngestClient, now_ms: Callable[[], int]) -> None:
        self._client = client
        self._now_ms = now_ms
        self.seen = Seen(reachable=False, since_ms=now_ms(), error="not asked yet", status=None)
        # The log whose acknowledgement was refused, and why.
        self._ack_refused: tuple[str, str] | None = None

    def look(self) -> Seen:
        """Ask once; the answer is also kept in `seen`."""
        try:
            status = self._client.status()
        except (OSError, ContractError) as error:
            if self.seen.reachable:
                logger.info("ingest is away: %s", shown(repr(error)))
            told = self._client.sentence_of(error) if isinstance(error, OSError) else error
            self._note(reachable=False, error=shown(told), status=self.seen.status)
        else:
            # A log that is gone can't be acknowledged, and that is no error.
            if self._ack_refused is not None and self._ack_refused[0] != status["log"]:
                self._ack_refused = None
            error_told = self._ack_refused[1] if self._ack_refused is not None else None
            self._note(reachable=True, error=error_told, status=status)
        return self.seen

    def ack(self, log: str, end: int) -> None:
        """Acknowledge, if ingest is there and doesn't know yet; a refusal is told as the error of the next look."""
        status = self.seen.status
        if not self.seen.reachable or status is None or status["log"] != log or status["acked"] >= end:
            return
        try:
            self._client.ack(log, end)
        except OSError as error:
            logger.info("ingest did not take the acknowledgement of %d: %s", end, shown(error))
        except ContractError as error:
            refusal = log, shown(error)
            if self._ack_refused != refusal:
                logger.warning("ingest did not take the acknowledgement of %d: %s", end, refusal[1])
            self._ack_refused = refusal
        else:
            self._ack_refused = None

    def time_of(self, offset: int) -> int | None:
        """`at_ms` of the post at `offset`, or `None` if it can't be had."""
        try:
            piece = self._client.read(offset, offset + 1)
            if piece.posts != 1 or piece.first != offset:
                return None
            # As when it was counted: one that was skipped then has no time now.
            return int(parse(piece)["at_ms"][0].as_py())
        except (OSError, ContractError, TooLargeError) as error:
            logger.info("ingest did not give the post at %d: %s", offset, shown(error))
            return None

    def _note(self, *, reachable: bool, error: str | None, status: dict[str, Any] | None) -> None:
        changed = reachable != self.seen.reachable
        if changed and reachable:
            logger.info("ingest answers")
        since_ms = self._now_ms() if changed else self.seen.since_ms
        self.seen = Seen(reachable=reachable, since_ms=since_ms, error=error, status=status)
