"""Make snapshots: the complete state of the counts, in the shape of docs/protocol.md."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from msgspec import UNSET, UnsetType

from spark_job.alerts.rules_file import RulesFile
from spark_job.alerts_schema import AlertRules
from spark_job.executor.messages import Counted
from spark_job.mute.mute_file import MuteFile
from spark_job.mute.mute_list import MuteList
from spark_job.panel_schema import Samples, Together
from spark_job.publish.budget import fit
from spark_job.publish.leaders import Leaders
from spark_job.publish.muting import of_pane, of_rising, of_snapshot, of_together
from spark_job.ranking.batch_list import BatchList
from spark_job.ranking.candidates import Candidates
from spark_job.ranking.closed_rows import ClosedRows
from spark_job.ranking.open_counts import OpenCounts
from spark_job.ranking.pane_posts import PanePosts
from spark_job.ranking.people import People
from spark_job.ranking.stored_totals import StoredTotals
from spark_job.ranking.tag_details import TagDetails
from spark_job.ranking.top_lists import Ranked, Ranking, TopLists
from spark_job.snapshot_schema import Batch, Health, Ingest, Mute, Snapshot, Total
from spark_job.snapshot_schema import Window as SnapshotWindow
from spark_job.state.progress import Progress
from spark_job.state.store import State
from spark_job.state.tag_sums import WHOLE
from spark_job.state.window import Window

#: Window, epoch, end of the last closed pane, corrections of closed panes, changes of the muted tags.
_Version = tuple[Window, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Pace:
    """The settings that a snapshot contains."""

    pane_seconds: int
    window_seconds: int
    trigger_seconds: float
    top_n: int


@dataclass(frozen=True, slots=True)
class _CountedBatch:
    """The last micro-batch. `at_ms`: when ingest accepted its last post."""

    id: int
    posts: int
    at_ms: int


class Snapshots:
    """Makes snapshots from the state. Not thread-safe: the caller holds the lock of the state."""

    def __init__(
        self,
        state: State,
        pace: Pace,
        first_seq: int,
        mute: MuteFile | None = None,
        samples: Callable[[], Samples | None] = lambda: None,
        together: Callable[[int], Together | None] = lambda _: None,
        rules: RulesFile | None = None,
    ) -> None:
        """Args:
        state: The counts.
        pace: Settings.
        first_seq: The number before that of the first snapshot.
        mute: The muted tags.
        samples: The sample posts, if they have to be sent.
        together: The pairs and topics of an epoch, if they are known.
        rules: The rules of alerts, if there is a file.
        """
        self._state = state
        self._samples = samples
        self._together = together
        self._mute = mute or MuteFile(None)
        self._rules = rules or RulesFile(None)
        self._pace = pace
        self._seq = first_seq
        self._version: _Version | None = None
        self._last: Snapshot | None = None
        self._noted: Counted | None = None
        self._batch: _CountedBatch | None = None
        self._batch_list = BatchList(state.muted)
        self._read_from_open_file()

    def _read_from_open_file(self) -> None:
        self._opened = self._state.opened
        db = self._state.db
        self._closed = ClosedRows(db)
        self._totals = StoredTotals(db)
        self.candidates = Candidates(db, self._closed)
        self._counted = OpenCounts(db)
        self._details = TagDetails(self._counted, self._closed, self._totals)
        self.pane_posts = PanePosts(self._counted, self._closed, self._details)
        self._people = People(self._state)
        self._rankings = TopLists(self.candidates, self._counted, self._details, self._people, self._state.muted)
        self._leaders = Leaders(self._details, self._state.taken_back)
        self._version = None

    def note_batch(self, counted: Counted, batch_id: int, posts: int, at_ms: int) -> None:
        """Remember the leaders of the micro-batch that was counted last."""
        self._noted = counted
        self._batch = _CountedBatch(batch_id, posts, at_ms)
        self._batch_list.note(counted.counts)

    def forget_batch(self) -> None:
        """Forget the last micro-batch, because counting began again and the state does not have its tags any more."""
        self._batch = None
        self._batch_list.forget()

    def make(self, progress: Progress, to_ms: int, now_ms: int, health: Health) -> Snapshot:
        """Make a snapshot.

        Args:
            progress: The position of counting.
            to_ms: The end of the window.
            now_ms: When the snapshot is made, in ms since 1970.
            health: Is added unchanged.

        """
        window = Window.ending(to_ms, self._state.pane_ms, self._state.window_ms)
        muted = self._use_muted()
        if self._opened != self._state.opened:
            self._read_from_open_file()
        version = self._prepare(window, progress)
        ranking, facets = self._rankings.window(window)
        total, batch = self._rankings.total(), self._batch
        self._leaders.look_up(window, ranking, facets, [*total, *self._batch_list.top()])
        together = of_together(self._together(progress.epoch), muted)
        self._seq += 1
        self._last = fit(
            Snapshot(
                epoch=progress.epoch,
                seq=self._seq,
                produced_at_ms=now_ms,
                batch_id=batch.id if batch else None,
                pane_seconds=self._pace.pane_seconds,
                window_seconds=self._pace.window_seconds,
                trigger_seconds=self._pace.trigger_seconds,
                top_n=self._pace.top_n,
                window=self._window(window, to_ms, ranking, together),
                coverage=self._state.uncounted.of(window, to_ms),
                total=self._total(progress, total),
                batch=self._last_batch(),
                facets=self._leaders.facets(facets),
                panes=[of_pane(pane, muted) for pane in self._state.unacknowledged_panes()],
                health=health,
                rising=self._leaders.rising(of_rising(self._state.rising.newest(), muted)),
                mute=self._muted(muted),
                samples=self._samples() or UNSET,
                pairs=together.pairs if together is not None else UNSET,
                alerts=self._state.alerts.outbox.oldest() or UNSET,
                alert_rules=self._alert_rules(muted, self._state.alerts.outbox.dropped()),
            )
        )
        self._version = version
        return self._last

    def _alert_rules(self, muted: MuteList, dropped: int) -> AlertRules | UnsetType:
        """The rules of alerts. `dropped`: the alerts that were dropped."""
        rules = self._rules.shown(muted)
        return msgspec.structs.replace(rules, dropped=dropped) if rules is not None else UNSET

    def repeat(self, now_ms: int, query_error: str, ingest: Ingest) -> Snapshot | None:
        """The last snapshot again, with an error, while the state can't be read. `None` before the first.

        Nothing is counted meanwhile. But a post that is deleted and a tag that is muted leave it.
        """
        if self._last is None:
            return None
        self._seq += 1
        muted = self._mute.muted
        changed = {
            "seq": self._seq,
            "produced_at_ms": now_ms,
            "panes": [],
            "health": msgspec.structs.replace(self._last.health, query_error=query_error, ingest=ingest),
            "samples": self._samples() or UNSET,
            "alerts": UNSET,
            "mute": self._muted(muted),
            "alert_rules": self._alert_rules(muted, self._last.alert_rules.dropped if self._last.alert_rules else 0),
        }
        self._last = msgspec.structs.replace(of_snapshot(self._last, muted), **changed)
        return self._last

    def _use_muted(self) -> MuteList:
        """The muted tags of now, which the state leaves out from now on."""
        muted = self._mute.muted
        if muted != self._state.muted.muted:
            self._state.mute(muted)
            self._state.alerts.outbox.drop_muted(muted)
        return muted

    def _prepare(self, window: Window, progress: Progress) -> _Version:
        """Bring all that is in memory up to the state. After an error on the way to a snapshot, all is read again."""
        changes = self._state.muted.changes
        version = (window, progress.epoch, progress.closed_until_ms, self._state.corrections, changes)
        noted, self._noted = self._noted, None
        before, self._version = self._version, None
        if version == before:
            self._update_open(window, progress, noted)
            return version
        reset = before is None or before[1] != progress.epoch
        if before is None or reset or before[3] != version[3] or window.from_ms < before[0].from_ms:
            self._closed.forget()
            self._details.forget()
        new = self._closed.update(window.before_ms, progress.closed_until_ms)
        reset_totals = self._totals.update(progress.dropped_tags, reset=reset)
        is_muted_otherwise = before is not None and before[4] != changes
        self.candidates.prepare(
            window, reset=reset or is_muted_otherwise, reset_totals=reset_totals or is_muted_otherwise
        )
        self._rankings.hidden = self._state.muted.hashes(window.from_ms)
        self._totals.note_labels(self.candidates.total_labels)
        self._details.move(window, new)
        self._counted.forget()
        self._update_open(window, progress, None)
        # Before the first pane has closed, those of the open ones.
        self._total_tags = max(self._state.total_tags(), len(self._counted.all_tags()))
        return version

    def _update_open(self, window: Window, progress: Progress, noted: Counted | None) -> None:
        """Bring the open panes up to the state, by the last micro-batch if nothing else has happened."""
        readings = self._counted.readings
        self._counted.update(progress, noted.counts if noted is not None else None)
        if self._counted.readings != readings:
            self._people.read(window)
        elif self._counted.added and noted is not None:
            self._people.add(noted.uses)

    def _window(self, window: Window, to_ms: int, ranking: Ranking, together: Together | None) -> SnapshotWindow:
        top, by_authors = self._leaders.of_window(ranking)
        return SnapshotWindow(
            from_ms=window.from_ms,
            to_ms=to_ms,
            posts=ranking.posts,
            posts_before=ranking.posts_before,
            top=top,
            authors=ranking.authors,
            by_authors=by_authors,
            taken_back=self._leaders.taken_back(WHOLE, None),
            topics=together.topics if together is not None else UNSET,
            sampled=self._people.sampled(),
        )

    def _muted(self, muted: MuteList) -> Mute:
        return Mute(
            tags=len(muted.keys) + len(muted.patterns),
            hidden=len(self._rankings.hidden),
            keys=[*muted.keys],
            patterns=[*muted.patterns],
            error=self._mute.error,
        )

    def _last_batch(self) -> Batch | None:
        batch, top = self._batch, self._leaders.plain(self._batch_list.top())
        return Batch(posts=batch.posts, at_ms=batch.at_ms, top=top) if batch else None

    def _total(self, progress: Progress, top: list[Ranked]) -> Total:
        return Total(
            since_ms=progress.since_ms,
            posts=progress.posts,
            tags=self._total_tags,
            dropped_tags=progress.dropped_tags,
            dropped_posts=progress.dropped_posts,
            sources=self._state.sources.names(),
            top=self._leaders.plain(top),
        )
