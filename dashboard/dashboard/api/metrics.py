"""Metrics for Prometheus, made at each request from the newest snapshot and the counters of this process."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from msgspec import UNSET
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector

from dashboard import __version__
from dashboard.history.store import HistoryAwayError
from dashboard.receive.push_counts import REASONS
from dashboard.traffic.counters import DISCONNECT_REASONS, REFUSAL_REASONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from prometheus_client.core import Metric

    from dashboard.history.store import History
    from dashboard.receive.push_counts import Pushes
    from dashboard.snapshots.freshness import Freshness
    from dashboard.snapshots.health_schema import Health, Source
    from dashboard.snapshots.latest import Latest
    from dashboard.snapshots.mute_schema import Muted
    from dashboard.snapshots.rising_schema import Rising
    from dashboard.snapshots.samples import HeldSamples
    from dashboard.snapshots.schema import Snapshot
    from dashboard.traffic.counters import ClientCounters

PREFIX = "hashtags_"
#: The most sources with their own name. The names come from outside, and Prometheus stores a series for each.
MAX_SOURCES = 20
#: The label for further names and states.
OTHER = "other"
STATES = ("starting", "waiting", "live", "retrying", "paused", "refused", "finished", OTHER)
#: The values of the labels, and the value of the sample.
Labelled = tuple["Sequence[str]", float]
_NAME = re.compile(r"[\w.-]{1,40}")


class Metrics(Collector):
    """Collects the metrics at each request. `viewers`: open pages by transport."""

    def __init__(
        self,
        latest: Latest,
        history: History,
        pushes: Pushes,
        freshness: Freshness,
        viewers: Callable[[], Mapping[str, int]],
        counters: ClientCounters,
        relay_notice: Callable[[], str | None],
        samples: HeldSamples,
        searches: Mapping[str, int],
    ) -> None:
        self._searches = searches
        self._latest = latest
        self._samples = samples
        self._history = history
        self._pushes = pushes
        self._freshness = freshness
        self._viewers = viewers
        self._counters = counters
        self._relay_notice = relay_notice

    def collect(self) -> Iterator[Metric]:
        """All metric families. Those about a snapshot exist only when there is one."""
        yield from self._process()
        if self._latest.shown is not None:
            snapshot = self._latest.shown.snapshot
            yield from _counted(snapshot)
            yield from _rising(snapshot.rising)
            yield from _muted(snapshot.mute)
            yield from _pace(snapshot.health)
            yield from _ingest(snapshot.health)
            yield from _archive(snapshot.health)

    def _process(self) -> Iterator[Metric]:
        yield InfoMetricFamily(PREFIX.rstrip("_"), "The version of this dashboard.", {"version": __version__})
        viewers = (([transport], pages) for transport, pages in self._viewers().items())
        yield _gauges("viewers", "Open pages.", ["transport"], viewers)
        yield from self._turned_away()
        text = "Snapshots pushed to this process; only what was rejected has a reason."
        yield _counters("pushes", text, ["result", "reason"], self._by_result())
        age_ms = self._freshness.age_ms
        if age_ms is not None:
            yield _gauge("snapshot_age_seconds", "Time since the newest snapshot came.", age_ms / 1000)
        yield _gauge(
            "ready", "1 while the newest snapshot is fresh, as /readyz says.", self._freshness.trouble() is None
        )
        yield from self._kept()
        if not self._samples.missing:
            posts = len(self._samples.all())
            yield _gauge("sample_posts", "Posts of people that are in memory for the panels of tags.", posts)
        notice = self._history.notice is not None
        yield _gauge("history_notice", "1 while /healthz says something of the history.", notice)
        yield _gauge("relay_notice", "1 while the other dashboards can't be reached.", self._relay_notice() is not None)

    def _turned_away(self) -> Iterator[Metric]:
        counters = self._counters
        yield _counter(
            "skipped_snapshots", "Snapshots not sent to a page that had not read those before.", counters.skipped
        )
        disconnected = (([reason], counters.disconnected[reason]) for reason in DISCONNECT_REASONS)
        yield _counters("hung_up", "Connections that this process closed, by reason.", ["reason"], disconnected)
        refused = (([reason], counters.refused[reason]) for reason in REFUSAL_REASONS)
        if self._searches:
            results = (([result], self._searches.get(result, 0)) for result in ("whole", "partial"))
            yield _counters("searches", "Searches for tags, by whether the job answered too.", ["result"], results)
        yield _counters("refused", "Requests and connections that were refused, by reason.", ["reason"], refused)

    def _kept(self) -> Iterator[Metric]:
        try:
            panes = len(self._history.index().panes())
        except HistoryAwayError:
            # `history_notice` is 1 then.
            return
        yield _gauge("history_panes", "Closed panes that can be looked back at.", panes)

    def _by_result(self) -> Iterator[Labelled]:
        counts = self._pushes.counts()
        yield ["accepted", ""], counts.accepted
        yield ["ignored", ""], counts.ignored
        for reason in REASONS:
            yield ["rejected", reason], counts.rejected.get(reason, 0)


def registry(*collectors: Collector) -> CollectorRegistry:
    """A registry with `collectors`, and the library's metrics of the process (memory, CPU, open files)."""
    own = CollectorRegistry(auto_describe=False)
    for collector in collectors:
        own.register(collector)
    ProcessCollector(registry=own)
    return own


def _counted(snapshot: Snapshot) -> Iterator[Metric]:
    total, health = snapshot.total, snapshot.health
    yield _gauge("epoch_timestamp_seconds", "The epoch; it changes when counting begins anew.", snapshot.epoch / 1000)
    yield _counter("posts", "Posts counted in this epoch.", total.posts)
    yield _counter("lost_posts", "Posts of this epoch that were trimmed or unreadable, and not counted.", health.lost)
    yield _counter("skipped_posts", "Posts of this epoch that could not be read.", health.skipped)
    yield _counter("late_posts", "Posts of this epoch that were counted in a later pane than theirs.", health.late)
    yield _gauge("snapshot_cut", "Texts, tags and panes cut from the newest snapshot to fit its budget.", health.cut)
    yield _counter("dropped_tags", "The rarest tags that the totals forgot for want of room.", total.dropped_tags)
    yield _counter("dropped_posts", "Posts of the tags that the totals forgot.", total.dropped_posts)
    yield _gauge("tags", "Distinct tags in the totals when the last pane closed.", total.tags)
    yield _gauge("window_posts", "Posts in the sliding window.", snapshot.window.posts)
    if snapshot.window.authors is not None:
        yield _gauge("window_authors", "Different accounts that wrote these posts.", snapshot.window.authors)
    if snapshot.window.taken_back is not None:
        yield _gauge("window_taken_back", "The posts of the window that are deleted now.", snapshot.window.taken_back)


def _muted(mute: Muted | None) -> Iterator[Metric]:
    if mute is not None:
        yield _gauge("muted", "Tags and patterns that are muted.", mute.tags)
        yield _gauge("muted_hidden", "Tags of the window that are not shown because they are muted.", mute.hidden)
        yield _gauge("mute_error", "1 while the file of muted tags can't be used.", mute.error is not None)


def _rising(rising: Rising | None) -> Iterator[Metric]:
    if rising is None:
        return
    yield _gauge("rising_topics", "Topics on the list of rising tags.", len(rising.topics))
    yield _gauge("rising_held_back", "Rises that are held back from the list.", len(rising.held_back))
    missing = rising.missing_ms / 1000
    yield _gauge("rising_baseline_missing_seconds", "Time until the list begins. 0: it has begun.", missing)


def _pace(health: Health) -> Iterator[Metric]:
    yield _gauge("posts_per_second", "Posts per second over the last 30 s of the window.", health.posts_per_second)
    yield _gauge("lag_posts", "Posts that ingest has accepted and the job has not counted.", health.lag_posts)
    yield _gauge("lag_seconds", "Age of the oldest uncounted post at most.", health.lag_ms / 1000)
    if health.batch_ms is not None:
        yield _gauge("batch_seconds", "How long the last micro-batch took.", health.batch_ms / 1000)
    yield _gauge(
        "query_failed", "1 while the query of the job has ended with an error.", health.query_error is not None
    )
    yield _gauge(
        "query_failures", "Ends of the query in a row, without a counted batch between.", health.query_failures
    )


def _ingest(health: Health) -> Iterator[Metric]:
    status = health.ingest.status
    yield _gauge("ingest_reachable", "1 while the job reaches ingest.", health.ingest.reachable)
    if status is None:
        return
    notice = status.notice is not None or status.track_error is not None
    yield _gauge("ingest_notice", "1 while ingest says something of its spool or its terms.", notice)
    results: Counter[tuple[str, str]] = Counter()
    states: dict[tuple[str, str], int] = {}
    for source in status.sources:
        name = _source_name(source, {name for name, _ in states})
        states |= {(name, state): states.get((name, state), 0) for state in STATES}
        states[name, source.state if source.state in STATES else OTHER] += 1
        results.update({(name, result): posts for result, posts in _results(source).items()})
    text = "Inputs of each source since its session began, by what became of them."
    yield _counters("source_inputs", text, ["source", "result"], results.items())
    yield _gauges("source_state", "1 for the state that a source is in.", ["source", "state"], states.items())


def _archive(health: Health) -> Iterator[Metric]:
    archived = health.archived
    if archived is None:
        return
    yield _gauge("archive_notice", "1 while hours can't be archived.", health.archive is not None)
    yield _gauge("archive_hours", "Hours that have a file in the archive.", archived.hours)
    yield _gauge("archive_waiting_hours", "Hours that are complete and have no file yet.", archived.waiting)
    yield _counter("archive_failures", "Failed attempts to write, since the job started.", archived.failures)
    yield _counter("archive_dropped_hours", "Hours given up since the job started: too many waited.", archived.dropped)
    if archived.newest is None:
        return
    newest = archived.newest
    yield _gauge("archive_newest_timestamp_seconds", "The start of the hour written last.", newest.hour_ms / 1000)
    yield _gauge("archive_newest_bytes", "The size of the file written last.", newest.bytes)
    yield _gauge("archive_newest_rows", "The rows of the file written last.", newest.rows)
    text = "Posts with hashtags that are missing in the file written last."
    yield _gauge("archive_newest_dropped_posts", text, newest.dropped_posts)


def _results(source: Source) -> dict[str, int]:
    results = {
        "accepted": source.accepted,
        "duplicate": source.duplicate,
        "filtered": source.filtered,
        "malformed": sum(source.malformed.values()),
    }
    # An older ingest does not take deletions.
    later = {"deleted": source.deleted, "edited": source.edited, "not_stored": source.not_stored}
    return results | {name: posts for name, posts in later.items() if posts is not UNSET}


def _source_name(source: Source, named_sources: set[str]) -> str:
    named = _NAME.fullmatch(source.name) and (source.name in named_sources or len(named_sources) < MAX_SOURCES)
    return source.name if named else OTHER


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(PREFIX + name, text, value)


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(PREFIX + name, text, value)


def _gauges(name: str, text: str, labels: Sequence[str], values: Iterable[Labelled]) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, text, labels=labels)
    for of, value in values:
        family.add_metric(of, value)
    return family


def _counters(name: str, text: str, labels: Sequence[str], values: Iterable[Labelled]) -> Metric:
    family = CounterMetricFamily(PREFIX + name, text, labels=labels)
    for of, value in values:
        family.add_metric(of, value)
    return family
