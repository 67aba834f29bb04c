"""STATUS: one JSON line that reports the state of the log and of the sources; see docs/protocol.md."""

from collections.abc import Mapping

import msgspec

from ingest import __version__
from ingest.intake.source_runner import SourceRunner
from ingest.kafka.log import KafkaLog
from ingest.pipeline import IngestPipeline
from ingest.posts.columns import COLUMNS
from ingest.settings import Settings


class SourceStatus(msgspec.Struct):
    """A source in STATUS; the counts are those of its session, as far as they are committed."""

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
    deleted: int
    edited: int
    not_stored: int
    facts: Mapping[str, str | int | float]


class StoredChanges(msgspec.Struct):
    """The number of the oldest stored change, and that of the next one."""

    first: int
    end: int


class KafkaStatus(msgspec.Struct):
    """Where on Kafka the log is."""

    topic: str
    partitions: int


class Status(msgspec.Struct):
    """The response to STATUS."""

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
    #: Only a spool has these two, only a log on Kafka the third.
    changes: StoredChanges | msgspec.UnsetType = msgspec.UNSET
    columns: list[str] | msgspec.UnsetType = msgspec.UNSET
    kafka: KafkaStatus | msgspec.UnsetType = msgspec.UNSET


class StatusBuilder:
    """Builds the response to STATUS."""

    def __init__(self, pipeline: IngestPipeline, settings: Settings) -> None:
        self._pipeline = pipeline
        self._limit = settings.limit

    def status(self) -> Status:
        """Return the present status."""
        pipeline = self._pipeline
        # The marks are read first: so the counts of the sources include all posts before `end`.
        log, marks = pipeline.log, pipeline.log.marks()
        sources = [self._source(runner) for runner in pipeline.runners]
        status = Status(
            version=__version__,
            log=marks.log,
            started_ms=pipeline.started_ms,
            first=marks.first,
            end=marks.end,
            acked=marks.acked,
            trimmed_unread=marks.trimmed_unread,
            watermark_ms=marks.watermark_ms,
            limit=self._limit,
            notice=pipeline.intake.error or log.notice,
            track_error=pipeline.track_file.error if pipeline.track_file else None,
            sources=sources,
        )
        if isinstance(log, KafkaLog):
            status.kafka = KafkaStatus(log.address.topic, log.partitions)
        else:
            status.changes = StoredChanges(marks.first_change, marks.end_change)
            status.columns = list(COLUMNS)
        return status

    def _why_it_waits(self) -> str | None:
        return self._pipeline.log.notice if self._pipeline.waits_for_log else None

    def _source(self, runner: SourceRunner) -> SourceStatus:
        intake = self._pipeline.intake
        state = runner.state
        counts = intake.progress(runner.name)
        post_filter = intake.post_filter
        own_terms = runner.own_terms
        return SourceStatus(
            name=runner.name,
            terms=own_terms or post_filter.terms,
            languages=[] if own_terms else post_filter.languages,
            state=state.name,
            since_ms=state.since_ms,
            until_ms=state.until_ms,
            error=intake.error or self._why_it_waits() or state.error,
            accepted=counts.accepted,
            duplicate=counts.duplicate,
            filtered=counts.filtered,
            malformed=counts.malformed,
            deleted=counts.deleted,
            edited=counts.edited,
            not_stored=counts.not_stored,
            facts=runner.facts(),
        )
