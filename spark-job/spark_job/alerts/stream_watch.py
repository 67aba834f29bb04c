"""Watches the stream for rules about it: ingest's sources, and how long counting has stopped."""

from collections.abc import Mapping

from spark_job.alerts.stream import SourceFacts, StreamFacts
from spark_job.executor.ingest_client import Status
from spark_job.snapshot_schema import Ingest

REFUSED = "refused"


class StreamWatch:
    """Makes the facts of the stream. It remembers since when counting has stopped."""

    def __init__(self) -> None:
        self._stopped_since_ms: int | None = None

    def facts(
        self, ingest: Ingest, query_error: str | None, progress: tuple[int, int], now_ms: int, pane_ms: int
    ) -> StreamFacts:
        """What is known of the stream now.

        Args:
            ingest: What is known of ingest.
            query_error: Why the query ended, if it has not counted since.
            progress: The epoch, and its lost posts.
            now_ms: Now, by the job's clock.
            pane_ms: Length of a pane.

        """
        because = query_error or ("" if ingest.reachable else ingest.error or "ingest can't be reached")
        if not because:
            self._stopped_since_ms = None
        elif self._stopped_since_ms is None:
            self._stopped_since_ms = now_ms if ingest.reachable else ingest.since_ms
        since_ms = self._stopped_since_ms
        epoch, lost = progress
        return StreamFacts(
            epoch=epoch,
            now_ms=now_ms,
            pane_ms=pane_ms,
            sources=_sources(ingest),
            lost=lost,
            stopped_ms=0 if since_ms is None else max(1, now_ms - since_ms),
            stopped_because=because,
        )


def made_up_until_ms(status: Status) -> int:
    """Until when the posts of a log were made up before ingest first served it. 0: none were."""
    of_sources = (source.get("facts") for source in _named(status))
    times = [facts.get("past_until_ms") for facts in of_sources if isinstance(facts, dict)]
    return max((at_ms for at_ms in times if type(at_ms) is int), default=0)


def _sources(ingest: Ingest) -> tuple[SourceFacts, ...] | None:
    """The sources of the newest status. None while ingest can't be reached."""
    status = ingest.status if ingest.reachable else None
    return tuple(map(_source, _named(status))) if status is not None else None


def _named(status: Status) -> list[Mapping[str, object]]:
    """The sources of a status. Nobody has checked what it says."""
    return [dict(source) for source in status.get("sources", []) if isinstance(source, dict) and "name" in source]


def _source(source: Mapping[str, object]) -> SourceFacts:
    error, facts = source.get("error"), source.get("facts")
    used, limit = (facts.get("billed_today"), facts.get("daily_limit")) if isinstance(facts, dict) else (None, None)
    return SourceFacts(
        name=str(source["name"]),
        is_refused=source.get("state") == REFUSED,
        error=error if isinstance(error, str) and error else None,
        used=used if type(used) is int else None,
        limit=limit if type(limit) is int else None,
    )
