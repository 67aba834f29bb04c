"""`python -m ingest`: the service, the one-shot command (with terms or a limit), or the recorder."""

import argparse
import gc
import logging
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from ingest import __version__
from ingest import settings as ingest_settings
from ingest.kafka.errors import KafkaEndedError, KafkaStartError
from ingest.log_lines import configure_logging, sentence_line
from ingest.pipeline import IngestPipeline
from ingest.posts.track_file import TrackError
from ingest.recorder import WRITE_SECONDS, Recorder, RecordError
from ingest.serve.listener import PortTakenError
from ingest.serve.readers import OneShotReaders
from ingest.service import Service
from ingest.settings import Settings, SettingsError
from ingest.settings_names import misspelt
from ingest.settings_text import Parser, settings_list
from ingest.spool.file import SpoolBrokenError
from ingest.spool.spool import SpoolError

#: How long a reader of the one-shot command may take to read the last bytes.
LAST_BYTES_SECONDS = 3.0

#: Reasons to end, as exit codes.
_DONE, _LEFT, _REFUSED, _BROKEN = 0, 1, 2, 1
#: A signal ended the program; its exit code is that of _DONE.
_SIGNALLED = -1

# `__name__` is "__main__" here.
logger = logging.getLogger("ingest")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until a signal comes or, as a one-shot command, until all posts were read.

    Returns:
        The exit code. 0: success. 1: the reader disconnected before the end, or the spool or the recording can't be
        used any more. 2: ingest could not start, or all sources were refused.

    """
    # Stored and recorded posts are readable by this user only.
    os.umask(0o077)
    _collect_garbage_rarely()
    given = _given(sys.argv[1:] if arguments is None else arguments)
    # The put of a SimpleQueue is safe within a signal handler.
    ends: SimpleQueue[int] = SimpleQueue()
    for sentence in misspelt(os.environ):
        _print_error(sentence)
    try:
        settings = _settings(given)
        configure_logging(settings.log_level, settings.log_format)
        threading.excepthook = lambda failure: _note_failure(failure, ends)
        # While ingest checks its spool, which may take seconds and changes nothing, Ctrl-C ends it at once.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if given.file is not None:
            return _record(settings, given.file, ends)
        if given.terms or given.limit is not None:
            return _serve_once(settings, ends)
        return _serve(settings, ends, end_when_refused=given.end_when_refused)
    except SpoolError as error:
        _print_error(f"DATA_DIR must be a folder that ingest can use ({error})")
    except TrackError as error:
        _print_error(f"TRACK_FILE must be a file of terms ({error})")
    except (SettingsError, PortTakenError, RecordError, KafkaStartError) as error:
        _print_error(str(error))
    return _REFUSED


def _print_error(sentence: str) -> None:
    """Print why ingest ends, or why it does not start."""
    sys.stderr.write(f"{sentence_line(sentence, os.environ.get('LOG_FORMAT'))}\n")


def _given(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the command line; `record` is a command if it is the first word, else a term."""
    if arguments[:1] == ["record"]:
        return _record_parser().parse_args(arguments[1:])
    return _parser().parse_args(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m ingest",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Receive posts from a source, filter them, store them, and serve them over TCP.\n\n"
        "Without arguments: the service, set up by the environment. With a term or a limit: wait for\n"
        "a reader, open the source, send the posts to the reader, and end; nothing stays on disk.\n"
        "`python -m ingest record FILE` writes the posts into a file that SOURCE=replay plays back.",
        epilog=settings_list(Settings.model_json_schema()),
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"ingest {__version__}")
    parser.add_argument("--limit", metavar="N", help="end after N posts")
    parser.add_argument(
        "--end-when-refused", action="store_true", help="end with exit code 2 when all sources refuse the service"
    )
    parser.add_argument("terms", nargs="*", metavar="TERM", help='a word, a #tag, "some words"; after --: -excluded')
    parser.set_defaults(file=None)
    return parser


def _record_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m ingest record",
        description="Write the posts of SOURCE into a new file that SOURCE=replay plays back at their pace, until "
        "Ctrl-C. All settings apply. (The word record as a term: python -m ingest -- record.)",
        allow_abbrev=False,
    )
    parser.add_argument("--limit", metavar="N", help="end after N posts")
    parser.add_argument("file", metavar="FILE", type=Path, help="a new file; it is compressed if its name ends in .gz")
    parser.set_defaults(terms=[])
    return parser


def _settings(given: argparse.Namespace) -> Settings:
    overrides: dict[str, object] = {}
    if given.limit is not None:
        overrides["limit"] = given.limit
    if given.terms:
        overrides |= {"track": ",".join(given.terms), "track_file": ""}
    return ingest_settings.load(**overrides)


def _note_failure(failure: threading.ExceptHookArgs, ends: "SimpleQueue[int]") -> None:
    """Log an error that ended a thread, and end ingest, unless the thread served only one connection."""
    name = failure.thread.name if failure.thread else "?"
    if isinstance(failure.exc_value, SpoolBrokenError):
        # All threads get this error, one after the other; one log line is enough.
        if ends.empty():
            logger.critical("%s; ingest ends, and its next start renames the file", failure.exc_value)
        ends.put(_BROKEN)
        return
    if isinstance(failure.exc_value, KafkaStartError):
        _print_error(str(failure.exc_value))
        ends.put(_REFUSED)
        return
    if isinstance(failure.exc_value, KafkaEndedError):
        if ends.empty():
            logger.critical("%s; ingest ends", failure.exc_value)
        ends.put(_BROKEN)
        return
    logger.critical("thread %s: %r", name, failure.exc_value, exc_info=failure.exc_value)
    if name != "connection":
        ends.put(_BROKEN)


def _collect_garbage_rarely() -> None:
    """Let Python search for garbage after 100,000 new objects, not 700: posts are freed without it.

    Each search looks at all posts of the run that is being made. They cost a tenth of ingest's time.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 1000)


def _end_on_signals(ends: "SimpleQueue[int]", *numbers: signal.Signals) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, *numbers):
        signal.signal(number, lambda *_: ends.put(_SIGNALLED))


def _read_terms_on_hangup(pipeline: IngestPipeline) -> None:
    if pipeline.track_file:
        reload = pipeline.track_file.request_reload
        signal.signal(signal.SIGHUP, lambda *_: reload())


def _exit_code(end: int, pipeline: IngestPipeline) -> int:
    """Return the exit code; print which sources were refused."""
    if end == _REFUSED:
        for sentence in pipeline.refusals():
            _print_error(sentence)
    return _DONE if end == _SIGNALLED else end


def _serve(settings: Settings, ends: "SimpleQueue[int]", *, end_when_refused: bool) -> int:
    """Run the service until a signal comes; with `end_when_refused`, also until all sources are refused."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    service = Service(
        settings,
        settings.data_dir / "spool",
        wall_ms=_wall_ms,
        monotonic_seconds=time.monotonic,
        kafka=settings.kafka_address,
        on_refused=(lambda: ends.put(_REFUSED)) if end_when_refused else None,
    )
    _end_on_signals(ends)
    _read_terms_on_hangup(service.pipeline)
    try:
        service.start()
        return _exit_code(ends.get(), service.pipeline)
    finally:
        service.close()


def _serve_once(settings: Settings, ends: "SimpleQueue[int]") -> int:
    """Wait for a reader, start the sources, and end when all posts were read or the readers have disconnected."""
    _end_on_signals(ends, signal.SIGHUP)
    readers = OneShotReaders()
    with tempfile.TemporaryDirectory(prefix="ingest-") as folder:
        service = Service(
            settings,
            Path(folder),
            wall_ms=_wall_ms,
            monotonic_seconds=time.monotonic,
            readers=readers,
            on_refused=lambda: ends.put(_REFUSED),
        )
        _read_terms_on_hangup(service.pipeline)

        def wait_for_readers() -> None:
            ends.put(_DONE if readers.wait(lambda: service.spool.end) else _LEFT)

        linger_seconds = 0.0
        try:
            service.start()
            threading.Thread(target=wait_for_readers, name="readers", daemon=True).start()
            sys.stdout.write("Waiting for connection\n")
            sys.stdout.flush()
            end = ends.get()
            if end != _SIGNALLED:
                linger_seconds = LAST_BYTES_SECONDS
            return _exit_code(end, service.pipeline)
        finally:
            service.close(linger_seconds)


def _record(settings: Settings, file: Path, ends: "SimpleQueue[int]") -> int:
    """Record into `file` until a signal comes or all sources have ended."""
    recorder = Recorder(
        settings,
        file,
        wall_ms=_wall_ms,
        monotonic_seconds=time.monotonic,
        on_refused=lambda: ends.put(_REFUSED),
        on_finished=lambda: ends.put(_DONE),
    )
    _end_on_signals(ends, signal.SIGHUP)
    _read_terms_on_hangup(recorder.pipeline)
    try:
        recorder.start()
        try:
            end = _write_until_end(recorder, ends)
        finally:
            recorder.close()
    except RecordError as error:
        _print_error(str(error))
        return _BROKEN
    return _exit_code(end, recorder.pipeline)


def _write_until_end(recorder: Recorder, ends: "SimpleQueue[int]") -> int:
    while True:
        recorder.write()
        with suppress(Empty):
            return ends.get(timeout=WRITE_SECONDS)


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    sys.exit(main())
