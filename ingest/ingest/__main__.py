"""`python -m ingest`: the service; with terms or a limit, the command line that serves one reader and ends."""

import argparse
import logging
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue

from ingest import settings as ingest_settings
from ingest.audience import Audience
from ingest.listener import PortTakenError
from ingest.service import Service
from ingest.settings import Settings, SettingsError
from ingest.spool import SpoolError
from ingest.spool_file import SpoolBrokenError

#: What a reader on the command line gets to read the last bytes.
LAST_BYTES_SECONDS = 3.0

_DONE, _LEFT, _REFUSED, _BROKEN = 0, 1, 2, 1

_log = logging.getLogger("ingest")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until a signal comes or, on the command line, until all is read; return the exit code.

    0: as it should; 1: the reader left before the end; 2: it could not begin, or a source refused us.
    """
    given = _parser().parse_args(arguments)
    # Its put is safe within a signal handler.
    ends: SimpleQueue[int] = SimpleQueue()
    try:
        settings = _settings(given)
        logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        threading.excepthook = lambda failure: _note_failure(failure, ends)
        # Ctrl-C, too, ends it at once while it reads its spool, which changes nothing and may take seconds.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if given.terms or given.limit is not None:
            return _serve_once(settings, ends)
        return _serve(settings, ends)
    except SpoolError as error:
        sys.stderr.write(f"ingest: DATA_DIR: {error}\n")
    except (SettingsError, PortTakenError) as error:
        sys.stderr.write(f"ingest: {error}\n")
    return _REFUSED


def _parser() -> argparse.ArgumentParser:
    table = "\n".join(f"  {name.upper():<16} {field.description}" for name, field in Settings.model_fields.items())
    parser = argparse.ArgumentParser(
        prog="python -m ingest",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Take posts from a source, keep those that are wanted, and serve them over TCP.\n\n"
        "Without arguments: the service, set up by the environment. With a term or a limit: wait for\n"
        "a reader, open the source, send it the posts, and end; nothing is kept.",
        epilog=f"settings (environment, or .env):\n{table}",
    )
    parser.add_argument("--limit", metavar="N", help="end after so many posts")
    parser.add_argument("terms", nargs="*", metavar="TERM", help='a word, a #tag, "some words"; after --: -excluded')
    return parser


def _settings(given: argparse.Namespace) -> Settings:
    overrides: dict[str, object] = {}
    if given.limit is not None:
        overrides["limit"] = given.limit
    if given.terms:
        overrides["track"] = ",".join(given.terms)
    return ingest_settings.load(**overrides)


def _note_failure(failure: threading.ExceptHookArgs, ends: "SimpleQueue[int]") -> None:
    """Log what broke a thread; without its spool, sources or flusher, ingest ends: better dead than deaf."""
    name = failure.thread.name if failure.thread else "?"
    if isinstance(failure.exc_value, SpoolBrokenError):
        # One after the other meets it, and one sentence is enough.
        if ends.empty():
            _log.critical("%s; ingest ends, and its next start sets the file aside", failure.exc_value)
        ends.put(_BROKEN)
        return
    _log.critical("thread %s: %r", name, failure.exc_value, exc_info=failure.exc_value)
    if name != "connection":
        ends.put(_BROKEN)


def _end_on_signals(ends: "SimpleQueue[int]") -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ends.put(_DONE))


def _serve(settings: Settings, ends: "SimpleQueue[int]") -> int:
    """Be the service, until a signal."""
    service = Service(settings, settings.data_dir / "spool", wall_ms=_wall_ms, monotonic=time.monotonic)
    _end_on_signals(ends)
    try:
        service.start()
        return ends.get()
    finally:
        service.close()


def _serve_once(settings: Settings, ends: "SimpleQueue[int]") -> int:
    """Wait for a reader, open the source, and end when all is read, or the readers have gone."""
    _end_on_signals(ends)
    audience = Audience()
    with tempfile.TemporaryDirectory(prefix="ingest-") as folder:
        service = Service(
            settings,
            Path(folder),
            wall_ms=_wall_ms,
            monotonic=time.monotonic,
            audience=audience,
            on_refused=lambda: ends.put(_REFUSED),
        )

        def watch() -> None:
            ends.put(_DONE if audience.wait(lambda: service.spool.end) else _LEFT)

        linger_seconds = 0.0
        try:
            service.start()
            threading.Thread(target=watch, name="audience", daemon=True).start()
            sys.stdout.write("Waiting for connection\n")
            sys.stdout.flush()
            end = ends.get()
            linger_seconds = LAST_BYTES_SECONDS
            return end
        finally:
            service.close(linger_seconds)


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    sys.exit(main())
