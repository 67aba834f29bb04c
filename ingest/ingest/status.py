"""STATUS: one JSON line that tells how the log and its sources are; see docs/protocol.md."""

from collections.abc import Sequence

import msgspec

from ingest.feed import Feed
from ingest.filter import Filter
from ingest.intake import Intake
from ingest.spool import Spool


class SourceStatus(msgspec.Struct):
    """A source in STATUS; the counts are those of the session and committed."""

    name: str
    terms: list[str]
    languages: list[str]
    state: str
    since_ms: int
    error: str | None
    accepted: int
    duplicate: int
    filtered: int
    malformed: dict[str, int]


class Status(msgspec.Struct):
    """The answer to STATUS."""

    log: str
    started_ms: int
    first: int
    end: int
    acked: int
    trimmed_unread: int
    watermark_ms: int
    limit: int | None
    notice: str | None
    sources: list[SourceStatus]


class StatusBoard:
    """Puts a STATUS together."""

    def __init__(
        self,
        spool: Spool,
        intake: Intake,
        wanted: Filter,
        feeds: Sequence[Feed],
        *,
        limit: int | None,
        started_ms: int,
    ) -> None:
        self._spool = spool
        self._intake = intake
        self._wanted = wanted
        self._feeds = feeds
        self._limit = limit
        self._started_ms = started_ms

    def status(self) -> Status:
        """Return how things are now."""
        sources = [self._source(feed) for feed in self._feeds]
        marks = self._spool.marks()
        return Status(
            log=marks.log,
            started_ms=self._started_ms,
            first=marks.first,
            end=marks.end,
            acked=marks.acked,
            trimmed_unread=marks.trimmed_unread,
            watermark_ms=marks.watermark_ms,
            limit=self._limit,
            notice=self._intake.error or self._spool.notice,
            sources=sources,
        )

    def _source(self, feed: Feed) -> SourceStatus:
        condition = feed.condition
        counts = self._intake.progress(feed.name)
        return SourceStatus(
            name=feed.name,
            terms=self._wanted.terms,
            languages=self._wanted.languages,
            state=condition.state,
            since_ms=condition.since_ms,
            error=self._intake.error or condition.error,
            accepted=counts.accepted,
            duplicate=counts.duplicate,
            filtered=counts.filtered,
            malformed=counts.malformed,
        )
