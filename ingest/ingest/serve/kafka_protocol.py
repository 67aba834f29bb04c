"""The requests of `INGEST_PORT` while the log is on Kafka: STATUS, DROPPED and FAULT; see docs/protocol.md."""

import re
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from ingest.intake.dropped import Dropped
from ingest.kafka.log import KafkaLog
from ingest.serve.ack_guard import AckGuard
from ingest.serve.activity import Activity
from ingest.serve.faults import Faults
from ingest.serve.request_protocol import RequestError, RequestProtocol
from ingest.serve.status import Status

_OF_A_SPOOL = re.compile(r"(READ|CHANGES|ACK) .*")


class KafkaProtocol(RequestProtocol[None]):
    """Answers what ingest knows itself. Posts are read from Kafka."""

    def __init__(
        self,
        log: KafkaLog,
        status: Callable[[], Status],
        guard: AckGuard,
        *,
        dropped: Callable[[int, int], Dropped],
        activity: Activity,
        faults: Faults | None,
    ) -> None:
        """Create the server of requests; see `RequestProtocol`."""
        super().__init__(lambda: log.log, status, guard, dropped=dropped, activity=activity, faults=faults)
        self._address = log.address

    def _reader(self) -> AbstractContextManager[None]:
        return nullcontext()

    def _answer(self, connection: socket.socket, reader: None, request: str) -> bool:  # noqa: ARG002
        if _OF_A_SPOOL.fullmatch(request):
            where = f"read the topic {self._address.topic} of {self._address.brokers}"
            raise RequestError(f"the log is on Kafka: {where}")
        return False
