"""Which offsets a query reads, once or in its next micro-batch. It runs in Spark's planner, one process a query."""

from collections.abc import Iterator
from typing import Any

from hashtags.spark.log import Log, LogError, unreachable
from hashtags.spark.options import Options, position
from hashtags.spark.partitions import OffsetRange, cut, replaced, warn_of_removed


class BatchPlan:
    """The offsets of `spark.read`."""

    def __init__(self, options: Options) -> None:
        self._options = options

    def offsets(self) -> tuple[str, int, int]:
        """Return the log and which of its posts are read.

        Raises:
            LogError: Ingest can't be reached.

        """
        with Log(self._options.host, self._options.port) as log:
            status = status_of(log)
        first, end = status["first"], status["end"]
        start = position(self._options.starting, first, end)
        if start < first:
            warn_of_removed(start, first)
        return status["log"], max(start, first), position(self._options.ending, first, end)


class StreamPlan:
    """The offsets of `spark.readStream`. An offset is `{"log": its id, "offset": the next post}`."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._log = Log(options.host, options.port)
        #: What was planned last. Spark 4.0 and 4.1 don't say it.
        self._reached: dict[str, Any] | None = None
        self._stop_at: int | None = options.ending if isinstance(options.ending, int) else None
        #: The first post that the log has, as far as was said.
        self._first = 0

    def initial(self) -> dict[str, Any]:
        """Return where a query without a checkpoint begins.

        Raises:
            LogError: Ingest can't be reached.

        """
        status = status_of(self._log)
        start = position(self._options.starting, status["first"], status["end"])
        self._reached = {"log": status["log"], "offset": start}
        return self._reached

    def latest(self, start: dict[str, Any] | None, most_posts: int | None) -> dict[str, Any]:
        """Return the end of the next micro-batch. While ingest can't be reached, that is its start.

        Args:
            start: Where the micro-batch begins, or None: where the one before ended.
            most_posts: Most posts of the micro-batch, or None: any number.

        Raises:
            LogError: The log is another one than that of `start`; or it can't be reached, and there is no start.

        """
        start = start or self._reached
        try:
            status = self._log.status()
        except OSError as error:
            if start is None:
                raise LogError(unreachable(self._log, error)) from error
            return start
        end = status["end"]
        if start is not None:
            if status["log"] != start["log"] or end < start["offset"]:
                raise LogError(replaced(self._options))
            self._note_removed(start["offset"], status["first"])
            if most_posts is not None:
                end = min(end, max(start["offset"], status["first"]) + most_posts)
        if self._stop_at is not None:
            end = max(0 if start is None else start["offset"], min(end, self._stop_at))
        self._reached = {"log": status["log"], "offset": end}
        return self._reached

    def stop_at_end(self) -> None:
        """Plan nothing behind the end that the log has now.

        Raises:
            LogError: Ingest can't be reached.

        """
        status = status_of(self._log)
        self._stop_at = position(self._options.ending, status["first"], status["end"])

    def partitions(self, start: dict[str, Any], end: dict[str, Any]) -> Iterator[OffsetRange]:
        """Yield the parts of a micro-batch."""
        self._reached = end
        return cut(end["log"], max(start["offset"], min(self._first, end["offset"])), end["offset"])

    def close(self) -> None:
        """Close the connection."""
        self._log.close()

    def _note_removed(self, start: int, first: int) -> None:
        if first > max(start, self._first):
            warn_of_removed(max(start, self._first), first)
        self._first = max(self._first, first)


def status_of(log: Log) -> dict[str, Any]:
    """Return ingest's answer to STATUS.

    Raises:
        LogError: Ingest can't be reached.

    """
    try:
        return log.status()
    except OSError as error:
        raise LogError(unreachable(log, error)) from error
