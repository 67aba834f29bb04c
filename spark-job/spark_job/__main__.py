"""Wiring: `python -m spark_job`."""

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TypeVar

import duckdb

from spark_job import __version__
from spark_job.alerts.alerts import Alerts
from spark_job.alerts.check import check_alerts
from spark_job.alerts.rules_file import RulesFile
from spark_job.archive.writer import archive_of, past_of
from spark_job.beside import Beside
from spark_job.coordinator import Coordinator
from spark_job.executor.ingest_client import IngestClient
from spark_job.fatal_errors import exit_on_unexpected_errors
from spark_job.first_line import first_line
from spark_job.kafka.counted_topic import CountedTopic
from spark_job.lesson_faults.handlers import fault_handlers
from spark_job.lesson_faults.runner import FaultRunner
from spark_job.log_lines import configure_logging, sentence_line
from spark_job.log_readers import LogReaders
from spark_job.main_loop import coordinator_of, feed_of, job_of, query_of, refusal_of_topic, wall_ms
from spark_job.mute.mute_file import MuteFile
from spark_job.publish.push import Pusher
from spark_job.publish.snapshot import Pace, Snapshots
from spark_job.query_server.archive_handlers import archive_handlers
from spark_job.query_server.handlers import handlers_of
from spark_job.query_server.server import QueryServer
from spark_job.query_server.shown import Shown
from spark_job.query_server.tag_search import TagSearch
from spark_job.rising.verdict import Rules
from spark_job.settings import Settings, SettingsError, load
from spark_job.settings_names import misspelt_variables
from spark_job.settings_text import help_text
from spark_job.snapshot_schema import Snapshot
from spark_job.spark.errors import SparkGoneError
from spark_job.spark.java import NoJavaError, java_home
from spark_job.spark.scratch import empty_scratch
from spark_job.spark.session import java_process, start_session, stop_session
from spark_job.state.file import StateInUseError, StateRefusedError
from spark_job.state.open_hours import OpenHours
from spark_job.state.store import State
from spark_job.together.watcher import PairsWatcher
from spark_job.topic_job import LogRefusedError
from spark_job.trace.book import TraceBook
from spark_job.watched_file import FileRefusedError

File = TypeVar("File")

# `__name__` is "__main__" here.
logger = logging.getLogger("spark_job")

#: The command that explains ALERTS_FILE, and counts nothing.
CHECK_ALERTS = "check-alerts"


def monotonic_ms() -> int:
    """A clock that is never set back."""
    return time.monotonic_ns() // 1_000_000


def main() -> int:
    """Run until SIGTERM or SIGINT (exit code 0), a bad setting (2) or a query that fails again and again (1)."""
    # Until Spark has started, nothing is counted and nothing must be finished. A regular exit would make PySpark remove
    # a folder for which Java then waits for ever. After this exit Java notices that its parent is gone, and ends.
    on_end_signals(lambda *_: os._exit(0))
    if sys.argv[1:2] == [CHECK_ALERTS]:
        return check_alerts(sys.argv[2:])
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
        if (refusal := refusal_of_topic(settings)) is not None:
            return refuse(refusal)
        mute = open_file(MuteFile, settings.mute_file, "MUTE_FILE must be a file of hashtags")
        alert_rules = open_file(RulesFile, settings.alerts_file, "ALERTS_FILE must be a file of rules")
        pane_ms, window_ms = settings.pane_seconds * 1000, settings.window_seconds * 1000
        state = State(
            settings.data_dir / "counts" / "counts.duckdb",
            pane_ms,
            window_ms,
            max_tags=settings.total_max_tags,
            now_ms=wall_ms(),
            rules=Rules(settings.rising_sensitivity, settings.rising_least_authors, bool(settings.rising_copies_count)),
            alerts=Alerts(pane_ms, window_ms, lambda: alert_rules.content),
            hours=OpenHours(settings.archive_min_posts if settings.archive_dir else None),
        )
        first_seq = state.next_seq_block()
        os.environ["JAVA_HOME"] = str(java_home(os.environ, Path(sys.prefix)))
        shown = Shown(state.pane_ms, state.window_ms, mute)
        trace = TraceBook(wall_ms, monotonic_ms)
        readers = LogReaders(settings, monotonic_ms)
        faults = faults_of(settings, state, readers, stop)
        queries = open_query_port(settings, (state, shown, trace, mute), readers, faults)
    except StateInUseError:
        return refuse(f"DATA_DIR must be a folder that no other job uses, not {str(settings.data_dir)!r}")
    except (OSError, duckdb.Error) as error:
        reason = first_line(error)
        return refuse(f"DATA_DIR must be a folder that the job can use, not {str(settings.data_dir)!r} ({reason})")
    except StateRefusedError as error:
        return refuse(f"DATA_DIR must be a folder that the job can use ({str(error).rstrip('.')})")
    except (SettingsError, NoJavaError) as error:
        return refuse(str(error))
    configure_logging(settings.log_level, settings.log_format)
    exit_on_unexpected_errors(stop)
    pairs = PairsWatcher(state.reader, state.window_ms, lambda: mute.muted)
    sampler = readers.sampler(mute)
    archive = archive_of(settings, state)
    beside = Beside(mute, alert_rules, shown, queries, sampler, pairs, trace, faults, archive)
    return run(settings, (state, first_seq), beside, readers.topic, stop)


def faults_of(settings: Settings, state: State, readers: LogReaders, stop: threading.Event) -> FaultRunner | None:
    """What disturbs the services for a lesson, if that is allowed. It compares offsets of the spool."""
    if not settings.lesson_faults or settings.log_url:
        return None
    token = settings.push_token.get_secret_value()

    def connect() -> IngestClient:
        return readers.ingest_client(token=token)

    return FaultRunner(connect, state.reader, readers.recounter(state), state.pane_ms, stop, monotonic_ms)


def open_file(kind: Callable[[Path | None], File], path: str, content: str) -> File:
    """Read a file of the operator for the first time, such as MUTE_FILE.

    Args:
        kind: The class of the file.
        path: Where it is. Empty: there is none.
        content: What it must be, as the beginning of a sentence.

    Raises:
        SettingsError: It can't be used.

    """
    try:
        return kind(Path(path) if path else None)
    except FileRefusedError as error:
        raise SettingsError(f"{content}, not {path!r:.80} ({error})") from error


def open_query_port(
    settings: Settings,
    parts: tuple[State, Shown, TraceBook, MuteFile],
    readers: LogReaders,
    faults: FaultRunner | None,
) -> QueryServer | None:
    """Listen at QUERY_PORT, if there is one.

    Raises:
        SettingsError: Nothing can listen there.

    """
    if not settings.query_port:
        return None

    state, shown, trace, mute = parts
    address, token = (settings.query_bind.strip("[]"), settings.query_port), settings.push_token.get_secret_value()
    try:
        handlers = handlers_of(TagSearch(state.reader, shown.now), readers.recounter(state))
        handlers["/trace"] = readers.trace_answers(trace, mute).newest
        handlers |= archive_handlers(past_of(settings), lambda: mute.muted)
        of_faults, posts = fault_handlers(faults) if faults is not None else ({}, {})
        return QueryServer(address, token, handlers | of_faults, posts)
    except OSError as error:
        raise SettingsError(
            f"QUERY_PORT must be a free port of {settings.query_bind}, not {settings.query_port} ({error.strerror})"
        ) from error


def unknown_arguments() -> list[str]:
    """Answer `--help` and `--version`, and return all other arguments: there are none to give."""
    parser = argparse.ArgumentParser(
        prog="python -m spark_job",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Counts the hashtags of ingest's posts on Spark, and pushes snapshots to the dashboard. "
        "`check-alerts FILE` explains the rules of an ALERTS_FILE.",
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


def run(
    settings: Settings, opened: tuple[State, int], beside: Beside, topic: CountedTopic, stop: threading.Event
) -> int:
    """Connect the parts, run, and close them. `opened`: the state, and the first sequence number of this start."""
    state, first_seq = opened
    pace = Pace(settings.pane_seconds, settings.window_seconds, settings.trigger_seconds, settings.top_n)
    snapshots = Snapshots(state, pace, first_seq, beside.mute, beside.samples, beside.pairs.newest, beside.rules)
    token = settings.push_token.get_secret_value()
    pusher = Pusher(settings.push_url, token, on_samples=beside.note_arrived, watch=beside.trace.watch_push)

    def offer(snapshot: Snapshot) -> None:
        beside.note(snapshot)
        pusher.offer(snapshot)

    coordinator = coordinator_of(settings, topic)(state, snapshots, offer, wall_ms, beside.trace)
    beside.start()
    pusher.start(coordinator.on_panes_stored, coordinator.on_alerts_stored)
    code = run_on_spark(settings, coordinator, beside, stop)
    beside.stop()
    coordinator.close()
    pusher.stop()
    return code


def run_on_spark(settings: Settings, coordinator: Coordinator, beside: Beside, stop: threading.Event) -> int:
    """Start Spark and count until the end. Return the exit code."""
    logger.info("starting Spark on %s", settings.spark_master)
    with empty_scratch(settings.data_dir / "scratch") as scratch:
        return run_in_scratch(scratch, settings, coordinator, beside, stop)


def run_in_scratch(
    scratch: Path, settings: Settings, coordinator: Coordinator, beside: Beside, stop: threading.Event
) -> int:
    """Count, with a folder for Spark's files. Return the exit code."""
    try:
        spark = start_session(settings, scratch)
        query = query_of(spark, settings, scratch, coordinator, beside.trace.note_messages)
        if beside.faults is not None:
            beside.faults.note_java(java_process(spark))
    except SparkGoneError as error:
        logger.error("%s", error)
        return 1
    # In a new thread: the handler may have interrupted the event's own `wait`, which holds its lock.
    on_end_signals(lambda *_: threading.Thread(target=stop.set).start())
    feed = feed_of(settings, coordinator, (beside.note_changes, beside.note_missed_changes))
    try:
        code = 0 if job_of(settings, coordinator, query, feed).run(stop) else 1
    except LogRefusedError as error:
        code = refuse(str(error))
    coordinator.close()
    query.stop()
    stop_session(spark)
    return code


if __name__ == "__main__":
    sys.exit(main())
