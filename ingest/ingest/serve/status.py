"""STATUS: one JSON line that tells how the log and its sources are; see docs/protocol.md."""

from collections.abc import Mapping

import msgspec

from ingest import __version__
from ingest.intake.source_runner import Feed
from ingest.pipeline import Supply
from ingest.settings import Settings
from ingest.sources.x import rules as x_rules


class SourceStatus(msgspec.Struct):
    """A source in STATUS; the counts are those of its session and committed."""

    name: str
    terms: list[str]
    languages: list[str]
    state: str
    since_ms: int
    until_ms: int | None
    error: str | None
    accepted: int
    duplicate: int
    filtered: int
    malformed: dict[str, int]
    facts: Mapping[str, str | int | float]


class Status(msgspec.Struct):
    """The answer to STATUS."""

    version: str
    log: str
    started_ms: int
    first: int
    end: int
    acked: int
    trimmed_unread: int
    watermark_ms: int
    limit: int | None
    notice: str | None
    track_error: str | None
    sources: list[SourceStatus]


class StatusBoard:
    """Puts a STATUS together."""

    def __init__(self, supply: Supply, settings: Settings) -> None:
        self._supply = supply
        self._limit = settings.limit
        self._x_rules = x_rules.parted(settings.x_rules)

    def status(self) -> Status:
        """Return how things are now."""
        supply = self._supply
        # In this order, the counts have all posts before `end`.
        marks = supply.spool.marks()
        sources = [self._source(feed) for feed in supply.feeds]
        return Status(
            version=__version__,
            log=marks.log,
            started_ms=supply.started_ms,
            first=marks.first,
            end=marks.end,
            acked=marks.acked,
            trimmed_unread=marks.trimmed_unread,
            watermark_ms=marks.watermark_ms,
            limit=self._limit,
            notice=supply.intake.error or supply.spool.notice,
            track_error=supply.track_file.error if supply.track_file else None,
            sources=sources,
        )

    def _source(self, feed: Feed) -> SourceStatus:
        intake = self._supply.intake
        condition = feed.condition
        counts = intake.progress(feed.name)
        wanted = intake.wanted
        own_rules = self._x_rules if feed.name == "x" else []
        return SourceStatus(
            name=feed.name,
            terms=own_rules or wanted.terms,
            languages=[] if own_rules else wanted.languages,
            state=condition.state,
            since_ms=condition.since_ms,
            until_ms=condition.until_ms,
            error=intake.error or condition.error,
            accepted=counts.accepted,
            duplicate=counts.duplicate,
            filtered=counts.filtered,
            malformed=counts.malformed,
            facts=feed.facts(),
        )
