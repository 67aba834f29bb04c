"""Wiring: `python -m spark_job`."""

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import duckdb

from spark_job import __version__
from spark_job.changes.change import Change
from spark_job.changes.feed import ChangeFeed
from spark_job.coordinator import Coordinator
from spark_job.executor.ingest_client import IngestClient
from spark_job.fatal_errors import exit_on_unexpected_errors
from spark_job.ingest_watch import IngestWatch
from spark_job.job import Job
from spark_job.log_lines import configure_logging, sentence_line
from spark_job.mute.mute_file import MuteError, MuteFile
from spark_job.panel_schema import Samples
from spark_job.publish.push import Pusher
from spark_job.publish.snapshot import Pace, Snapshots
from spark_job.query_server.handlers import handlers_of
from spark_job.query_server.recount import Recounter
from spark_job.query_server.server import QueryServer
from spark_job.query_server.shown import Shown
from spark_job.query_server.tag_search import TagSearch
from spark_job.rising.verdict import Rules
from spark_job.samples.newest_posts import NewestPosts
from spark_job.samples.sampler import Sampler
from spark_job.settings import Settings, SettingsError, load
from spark_job.settings_names import misspelt_variables
from spark_job.settings_text import help_text
from spark_job.snapshot_schema import Snapshot
from spark_job.spark.errors import SparkGoneError
from spark_job.spark.java import NoJavaError, java_home
from spark_job.spark.query import Query
from spark_job.spark.scratch import empty_scratch
from spark_job.spark.session import start_session, stop_session
from spark_job.state.file import StateInUseError, StateRefusedError
from spark_job.state.store import State
from spark_job.state.take_back import take_back
from spark_job.together.watcher import PairsWatcher

# `__name__` is "__main__" here.
logger = logging.getLogger("spark_job")


class Beside(NamedTuple):
    """What runs beside counting."""

    mute: MuteFile
    shown: Shown
    queries: QueryServer | None
    sampler: Sampler | None
    pairs: PairsWatcher

    def note(self, snapshot: Snapshot) -> None:
        """Note the newest snapshot."""
        self.shown.note(snapshot)
        self.pairs.note(snapshot)
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

    def start(self) -> None:
        """Start the threads."""
        self.mute.start()
        self.pairs.start()
        if self.sampler is not None:
            self.sampler.start()
        if self.queries is not None:
            self.queries.start()

    def stop(self) -> None:
        """End them."""
        self.mute.stop()
        self.pairs.stop()
        if self.sampler is not None:
            self.sampler.stop()
        if self.queries is not None:
            self.queries.stop()


def monotonic_ms() -> int:
    """A clock that is never set back."""
    return time.monotonic_ns() // 1_000_000


def wall_ms() -> int:
    """The wall clock."""
    return time.time_ns() // 1_000_000


def main() -> int:
    """Run until SIGTERM or SIGINT (exit code 0), a bad setting (2) or a query that fails again and again (1)."""
    # Until Spark has started, nothing is counted and nothing must be finished. A regular exit would make PySpark remove
    # a folder for which Java then waits for ever. After this exit Java notices that its parent is gone, and ends.
    on_end_signals(lambda *_: os._exit(0))
    unknown = unknown_arguments()
    if unknown:
        return refuse(f"unrecognized arguments: {' '.join(unknown)}; --help lists what there is")
    # What is stored is for this user alone.
    os.umask(0o077)
    stop = threading.Event()
    for sentence in misspelt_variables(os.environ):
        refuse(sentence)
    try:
        settings = load()
        mute = open_mute_file(settings)
        state = State(
            settings.data_dir / "counts" / "counts.duckdb",
            settings.pane_seconds * 1000,
            settings.window_seconds * 1000,
            max_tags=settings.total_max_tags,
            now_ms=wall_ms(),
            rules=Rules(settings.rising_sensitivity, settings.rising_least_authors, bool(settings.rising_copies_count)),
        )
        os.environ["JAVA_HOME"] = str(java_home(os.environ, Path(sys.prefix)))
        shown = Shown(state.pane_ms, state.window_ms, mute)
        queries = open_query_port(settings, state, shown)
    except StateInUseError:
        return refuse(f"DATA_DIR must be a folder that no other job uses, not {str(settings.data_dir)!r}")
    except (OSError, duckdb.Error) as error:
        reason = str(error).splitlines()[0]
        return refuse(f"DATA_DIR must be a folder that the job can use, not {str(settings.data_dir)!r} ({reason})")
    except StateRefusedError as error:
        return refuse(f"DATA_DIR must be a folder that the job can use ({str(error).rstrip('.')})")
    except (SettingsError, NoJavaError) as error:
        return refuse(str(error))
    configure_logging(settings.log_level, settings.log_format)
    exit_on_unexpected_errors(stop)
    pairs = PairsWatcher(state.reader, state.window_ms, lambda: mute.muted)
    return run(settings, state, Beside(mute, shown, queries, sampler_of(settings, mute), pairs), stop)


def sampler_of(settings: Settings, mute: MuteFile) -> Sampler | None:
    """What reads sample posts, if there shall be any."""
    if not settings.sample_posts:
        return None
    newest = NewestPosts(settings.sample_posts, settings.shows_posts_of, mute.hides)
    return Sampler(IngestClient(settings.ingest_host, settings.ingest_port, 2.0), newest, monotonic_ms)


def open_mute_file(settings: Settings) -> MuteFile:
    """Read MUTE_FILE for the first time.

    Raises:
        SettingsError: It can't be used.

    """
    try:
        return MuteFile(Path(settings.mute_file) if settings.mute_file else None)
    except MuteError as error:
        raise SettingsError(
            f"MUTE_FILE must be a file of hashtags, not {settings.mute_file!r:.80} ({error})"
        ) from error


def open_query_port(settings: Settings, state: State, shown: Shown) -> QueryServer | None:
    """Listen at QUERY_PORT, if there is one.

    Raises:
        SettingsError: Nothing can listen there.

    """
    if not settings.query_port:
        return None

    def connect() -> IngestClient:
        return IngestClient(settings.ingest_host, settings.ingest_port, 5.0)

    address, token = (settings.query_bind.strip("[]"), settings.query_port), settings.push_token.get_secret_value()
    try:
        handlers = handlers_of(TagSearch(state.reader, shown.now), Recounter(connect, state.reader, state.pane_ms))
        return QueryServer(address, token, handlers)
    except OSError as error:
        raise SettingsError(
            f"QUERY_PORT must be a free port of {settings.query_bind}, not {settings.query_port} ({error.strerror})"
        ) from error


def unknown_arguments() -> list[str]:
    """Answer `--help` and `--version`, and return all other arguments: there are none to give."""
    parser = argparse.ArgumentParser(
        prog="python -m spark_job",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Counts the hashtags of ingest's posts on Spark, and pushes snapshots to the dashboard.",
        epilog=help_text(Settings.model_json_schema()["properties"]),
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"spark-job {__version__}")
    return parser.parse_known_args()[1]


def on_end_signals(handle: Callable[[int, FrameType | None], object]) -> None:
    """Call `handle` for each signal that ends the job."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, handle)


def refuse(sentence: str) -> int:
    """Print one sentence that says what is wrong, and return the exit code."""
    sys.stderr.write(f"{sentence_line(sentence, os.environ.get('LOG_FORMAT'))}\n")
    return 2


def run(settings: Settings, state: State, beside: Beside, stop: threading.Event) -> int:
    """Connect the parts, run, and close them."""
    pace = Pace(settings.pane_seconds, settings.window_seconds, settings.trigger_seconds, settings.top_n)
    snapshots = Snapshots(state, pace, state.next_seq_block(), beside.mute, beside.samples, beside.pairs.newest)
    pusher = Pusher(settings.push_url, settings.push_token.get_secret_value(), on_samples=beside.note_arrived)

    def offer(snapshot: Snapshot) -> None:
        beside.note(snapshot)
        pusher.offer(snapshot)

    coordinator = Coordinator(state, snapshots, offer, wall_ms)
    beside.start()
    pusher.start(coordinator.on_panes_stored)
    succeeded = run_on_spark(settings, coordinator, beside, stop)
    beside.stop()
    coordinator.close()
    pusher.stop()
    return 0 if succeeded else 1


def run_on_spark(settings: Settings, coordinator: Coordinator, beside: Beside, stop: threading.Event) -> bool:
    """Start Spark and count until the end. Return False if it ended because of an error."""
    logger.info("starting Spark on %s", settings.spark_master)
    with empty_scratch(settings.data_dir / "scratch") as scratch:
        return run_in_scratch(scratch, settings, coordinator, beside, stop)


def run_in_scratch(
    scratch: Path, settings: Settings, coordinator: Coordinator, beside: Beside, stop: threading.Event
) -> bool:
    """Count, with a folder for Spark's files."""
    try:
        spark = start_session(settings, scratch)
        query = Query(spark, settings, scratch, coordinator.count, wall_ms)
    except SparkGoneError as error:
        logger.error("%s", error)
        return False
    # In a new thread: the handler may have interrupted the event's own `wait`, which holds its lock.
    on_end_signals(lambda *_: threading.Thread(target=stop.set).start())
    token = settings.push_token.get_secret_value()
    watch = IngestWatch(IngestClient(settings.ingest_host, settings.ingest_port, 2.0, token), wall_ms)

    def count_changes(log: str, changes: Sequence[Change], after: int) -> int:
        counted = coordinator.with_state(lambda state: take_back(state, log, changes, after))
        return -1 if counted is None else counted

    feed = ChangeFeed(IngestClient(settings.ingest_host, settings.ingest_port, 2.0), beside.note_changes, count_changes)
    tick_seconds = min(1.0, max(0.25, settings.trigger_seconds))
    succeeded = Job(coordinator, watch, query, tick_seconds, changes=feed).run(stop)
    coordinator.close()
    query.stop()
    stop_session(spark)
    return succeeded


if __name__ == "__main__":
    sys.exit(main())
