"""Hand ingest's log of changes on: to the samples at once, and to the counts in order, each exactly once."""

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from spark_job.changes.change import Change, UnreadableChangeError, read_changes
from spark_job.executor.ingest_client import ContractError, IngestClient, Status, TooLargeError
from spark_job.executor.printable import printable

logger = logging.getLogger(__name__)

#: The most changes of one request, and of one call of `poll`.
AT_ONCE, MOST_OF_POLL = 10_000, 50_000

#: Tells somebody of changes, who needs to know them early and may hear of one twice. Without any: there are none.
Tell = Callable[[Sequence[Change]], None]
#: Counts changes in order from the number on, and returns the number of the first that can't be counted yet.
TakeBack = Callable[[str, Sequence[Change], int], int]


def end_of(status: Mapping[str, Any]) -> int | None:
    """The number after the last change, in ingest's `STATUS`. None if this ingest has no log of changes."""
    changes = status.get("changes")
    end = changes.get("end") if isinstance(changes, dict) else None
    return end if type(end) is int and end >= 0 else None


class ChangeFeed:
    """Reads the changes. Not thread-safe."""

    def __init__(
        self, client: IngestClient, tell: Tell, take_back: TakeBack, tell_missed: Callable[[], None] = lambda: None
    ) -> None:
        """Args:
        client: A connection of its own.
        tell: Gets each change at once.
        take_back: Counts the changes of posts that are counted.
        tell_missed: Called when changes are lost of which `tell` has not heard: ingest has removed them.
        """
        self._client = client
        self._tell = tell
        self._take_back = take_back
        self._tell_missed = tell_missed
        self._log = ""
        self._told = 0
        self._waiting: deque[Change] = deque()
        self._is_failing = False

    def poll(self, status: Status, log: str, next_change: int) -> None:
        """Read what is new. It never raises when ingest can't be reached.

        Args:
            status: Ingest's newest `STATUS`.
            log: The log that is counted.
            next_change: The number of the first change that is not counted.

        """
        end = end_of(status)
        if status["log"] != log or end is None:
            return
        if self._log != log:
            self._log, self._told = log, next_change
            self._waiting.clear()
        try:
            self._read(end, next_change)
        except (OSError, ContractError, TooLargeError, UnreadableChangeError) as error:
            if not self._is_failing:
                logger.warning("deletions can't be read now: %s", printable(error))
            self._is_failing = True
        else:
            self._is_failing = False

    def _read(self, end: int, next_change: int) -> None:
        self._told = min(self._told, end)
        until = min(end, self._told + MOST_OF_POLL)
        while self._told < until:
            found, after = self._request(self._told, until)
            if after - len(found) > self._told:
                logger.warning("ingest has removed changes before they were read: a deletion may be missing")
                self._tell_missed()
            self._tell(found)
            self._told = max(after, self._told + 1)
        self._tell([])
        # The rest is counted at the next calls: between them the job makes snapshots.
        end = min(end, next_change + MOST_OF_POLL)
        while next_change < end:
            if not self._waiting or self._waiting[0].number > next_change:
                self._waiting.clear()
                found, after = self._request(next_change, end)
                if not found:
                    self._take_back(self._log, [], after)
                    return
                self._waiting.extend(found)
            counted = self._take_back(self._log, [*self._waiting], next_change)
            while self._waiting and self._waiting[0].number < counted:
                self._waiting.popleft()
            if counted <= next_change:
                return
            next_change = counted

    def _request(self, start: int, end: int) -> tuple[list[Change], int]:
        """The changes from `start` on, and the number after them. Ingest may have trimmed the first ones."""
        piece = self._client.changes(start, min(end, start + AT_ONCE))
        if piece.log != self._log:
            raise ContractError("ingest serves another log now")
        found = read_changes(piece.body)
        numbers = [change.number for change in found]
        if piece.first < start or numbers != [*range(piece.first, piece.first + len(numbers))]:
            raise ContractError("ingest sent other changes than those that were requested")
        return found, max(piece.first + len(numbers), start)
