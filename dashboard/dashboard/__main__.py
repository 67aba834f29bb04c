"""Start the dashboard: `python -m dashboard`."""

from __future__ import annotations

import argparse
import errno
import gc
import logging
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from dashboard import __version__
from dashboard.alerts.apprise_sender import checked_targets
from dashboard.alerts.targets import TargetsError
from dashboard.history.file import refuse_newer
from dashboard.history.lock import HistoryBusyError, lock_history
from dashboard.history.sqlite_guard import NewerFormatError
from dashboard.log_lines import configure_logging, sentence_line
from dashboard.server.gunicorn_app import Server, listen, raise_file_limit, url
from dashboard.server.gunicorn_settings import gunicorn_settings
from dashboard.server.open_files import FileLimits, file_limits, hard_limit
from dashboard.settings import Settings, SettingsError, load
from dashboard.settings_names import NameTable
from dashboard.settings_text import help_lines

if TYPE_CHECKING:
    import socket

    from flask import Flask

# `__name__` is "__main__" here.
logger = logging.getLogger("dashboard")


def now_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def monotonic_ms() -> int:
    """Milliseconds of a clock that is never set back."""
    return time.monotonic_ns() // 1_000_000


def prepare(settings: Settings) -> list[socket.socket]:
    """Lock the folder of the history and open the ports, that of the page first.

    Raises:
        SettingsError: A setting can't be used.

    """
    try:
        lock_history(settings.data_dir / "history")
        refuse_newer(settings.data_dir / "history" / "history.sqlite")
    except HistoryBusyError as error:
        raise SettingsError(
            f"DATA_DIR must be a folder that no other dashboard uses, not {str(settings.data_dir)!r}"
        ) from error
    except NewerFormatError as error:
        path = settings.data_dir / "history" / "history.sqlite"
        raise SettingsError(
            f"DATA_DIR must be a folder that this version can use ({path} was left as it is: {error})"
        ) from error
    except OSError as error:
        # On a full disk it serves without a history, and goes on with one when there is room.
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise SettingsError(
                f"DATA_DIR must be a folder that can be written, not {str(settings.data_dir)!r} ({error.strerror})"
            ) from error
    check_targets(settings)
    ports = {"DASHBOARD_PORT": settings.dashboard_port, "PROXY_PORT": settings.proxy_port}
    return [listen_on(name, settings.bind, port) for name, port in ports.items() if port is not None]


def check_targets(settings: Settings) -> None:
    """Check the file of targets, also that Apprise knows each of its addresses.

    Raises:
        SettingsError: It can't be used. The sentence has the line, and nothing of its content.

    """
    if settings.targets_file is None:
        return
    try:
        checked_targets(settings.targets_file, settings.push_token.get_secret_value().encode(), os.environ)
    except TargetsError as error:
        raise SettingsError(f"TARGETS_FILE must be a file of targets: {error}") from error


def reserve_files(settings: Settings) -> FileLimits:
    """Reserve open files for `MAX_PAGES`, or for as many pages as fit if it is not set.

    Raises:
        SettingsError: They don't fit.

    """
    hard = hard_limit()
    try:
        found = file_limits(settings.max_pages, hard)
    except ValueError as error:
        raise SettingsError(f"MAX_PAGES: {error}") from error
    if found.pages < settings.max_pages:
        fits = f"{found.pages} fit into the {hard} open files that this machine allows (ulimit -Hn)"
        if "max_pages" in settings.model_fields_set:
            raise SettingsError(f"MAX_PAGES must be at most {found.pages}, not {settings.max_pages}: {fits}")
        logger.warning("MAX_PAGES is %d, not %d: %s", found.pages, settings.max_pages, fits)
    raise_file_limit(found.files)
    return found


def listen_on(name: str, host: str, port: int) -> socket.socket:
    """Open a port.

    Raises:
        SettingsError: The port or the address can't be used.

    """
    try:
        return listen(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(f"{name} must be a free port, not {port}, which another program uses") from error
        if error.errno == errno.EACCES:
            raise SettingsError(
                f"{name} must be a port that this user may use, not {port} ({error.strerror})"
            ) from error
        raise SettingsError(f"BIND must be an address of this machine, not {host!r} ({error.strerror})") from error


def refuse(sentence: str) -> int:
    """Print why the dashboard does not start, and return the exit code."""
    sys.stderr.write(f"{sentence_line(sentence, os.environ.get('LOG_FORMAT'))}\n")
    return 2


def argument_parser() -> argparse.ArgumentParser:
    """The command line, which has `--help` and `--version` only."""
    parser = argparse.ArgumentParser(
        prog="python -m dashboard",
        description="The page: takes snapshots from the Spark job, and sends them to every open browser.",
        epilog="\n".join(help_lines(Settings.model_json_schema()["properties"])),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"dashboard {__version__}")
    return parser


def main() -> int:
    """Run until SIGTERM. If a setting is wrong, print one sentence and return 2."""
    parser = argument_parser()
    _, unknown = parser.parse_known_args()
    if unknown:
        return refuse(f"unrecognized arguments: {' '.join(unknown)}; --help lists what there is")
    for name, setting in NameTable.load().misspelt(os.environ).items():
        refuse(f"{name} is not a setting; did you mean {setting}?")
    # What is stored is for this user alone.
    os.umask(0o077)
    try:
        settings = load()
        configure_logging(settings.log_level, settings.log_format)
        files = reserve_files(settings)
        settings = settings.model_copy(update={"max_pages": files.pages})
        listeners = prepare(settings)
    except SettingsError as error:
        return refuse(str(error))

    address = url(listeners[0])

    def application() -> Flask:
        # Only here: gevent patches the worker first.
        import gevent  # type: ignore[import-untyped]  # noqa: PLC0415

        from dashboard.app import create_app  # noqa: PLC0415
        from dashboard.server.gc_schedule import collect_garbage_rarely  # noqa: PLC0415
        from dashboard.server.greenlets import log_greenlet_errors, repeat  # noqa: PLC0415

        configure_logging(settings.log_level, settings.log_format)
        log_greenlet_errors()
        app = create_app(settings, now_ms, monotonic_ms)
        app.extensions["dashboard.deliveries"].start()
        watch = app.extensions["dashboard.silence"].check
        gevent.spawn(repeat, "the watch of the job's silence", watch, 1.0, gevent.sleep)
        collect_garbage_rarely()
        return app

    def print_address(worker: Any) -> None:
        if worker.age == 1:
            logger.info("serving on %s", address)

    def close(_server: Any, worker: Any) -> None:
        worker.wsgi.extensions["dashboard.history"].close()

    hooks = {"post_worker_init": print_address, "worker_exit": close}
    # From here on the sockets are gunicorn's.
    descriptors = [listener.detach() for listener in listeners]
    # gunicorn forks the process that serves. The garbage collector would write to the objects that both share.
    gc.freeze()
    Server({**gunicorn_settings(descriptors, files.connections, settings.log_level), **hooks}, application).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
