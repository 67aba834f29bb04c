"""What runs beside counting: files that are watched, and threads that read the state."""

from collections.abc import Sequence
from typing import NamedTuple

from spark_job.alerts.rules_file import RulesFile
from spark_job.archive.writer import ArchiveWriter
from spark_job.changes.change import Change
from spark_job.lesson_faults.runner import FaultRunner
from spark_job.mute.mute_file import MuteFile
from spark_job.panel_schema import Samples
from spark_job.query_server.server import QueryServer
from spark_job.query_server.shown import Shown
from spark_job.samples.sampler import Sampler
from spark_job.snapshot_schema import Snapshot
from spark_job.together.watcher import PairsWatcher
from spark_job.trace.book import TraceBook


class Beside(NamedTuple):
    """What runs beside counting."""

    mute: MuteFile
    rules: RulesFile
    shown: Shown
    queries: QueryServer | None
    sampler: Sampler | None
    pairs: PairsWatcher
    trace: TraceBook
    faults: FaultRunner | None
    archive: ArchiveWriter | None = None

    def note(self, snapshot: Snapshot) -> None:
        """Note the newest snapshot."""
        self.shown.note(snapshot)
        self.pairs.note(snapshot)
        if self.faults is not None:
            self.faults.note_ingest(snapshot.health.ingest)
        if self.sampler is not None:
            self.sampler.note(snapshot)

    def samples(self) -> Samples | None:
        """The sample posts, if they have to be sent."""
        return self.sampler.samples() if self.sampler is not None else None

    def note_arrived(self, samples: Samples | None, is_needed_again: bool) -> None:
        """Note that a snapshot has arrived."""
        if self.sampler is not None:
            self.sampler.arrived(samples, is_needed_again=is_needed_again)

    def note_changes(self, changes: Sequence[Change]) -> None:
        """Note deleted and edited posts."""
        if self.sampler is not None:
            self.sampler.changed(changes)

    def note_missed_changes(self) -> None:
        """Note that changes are lost."""
        if self.sampler is not None:
            self.sampler.missed()

    def start(self) -> None:
        """Start the threads."""
        self.mute.start()
        self.rules.start()
        self.pairs.start()
        if self.archive is not None:
            self.archive.start()
        if self.sampler is not None:
            self.sampler.start()
        if self.queries is not None:
            self.queries.start()

    def stop(self) -> None:
        """End them."""
        self.mute.stop()
        self.rules.stop()
        self.pairs.stop()
        if self.archive is not None:
            self.archive.stop()
        if self.sampler is not None:
            self.sampler.stop()
        if self.queries is not None:
            self.queries.stop()
