"""End the job when an unexpected error ends any of its threads: without that thread it would count in vain."""

import logging
import os
import sys
import threading
from types import TracebackType

from spark_job.executor.printable import printable

logger = logging.getLogger(__name__)

#: A stop of the job may end Spark a moment earlier, and then PySpark's threads fail. Wait this long for our own signal.
GRACE_SECONDS = 1.0


def exit_on_unexpected_errors(stop: threading.Event) -> None:
    """From now on, log an unexpected error of any thread and exit with code 1, unless `stop` is set."""

    def in_thread(hook: threading.ExceptHookArgs) -> None:
        name = hook.thread.name if hook.thread is not None else "unknown"
        _end(f"thread {name}", (hook.exc_type, hook.exc_value, hook.exc_traceback), stop)

    def in_main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        _end("main thread", (kind, error, trace), stop)

    threading.excepthook = in_thread
    sys.excepthook = in_main


def _end(
    where: str, error: tuple[type[BaseException], BaseException | None, TracebackType | None], stop: threading.Event
) -> None:
    kind, value, trace = error
    if issubclass(kind, SystemExit) or stop.wait(GRACE_SECONDS):
        logger.debug("the %s ended by %s", where, kind.__name__)
        return
    sentence = f"the job ends because of an unexpected error in its {where}: {kind.__name__}: {printable(value)}"
    logger.critical("%s", sentence, exc_info=(kind, value or kind(), trace))
    # PySpark's threads would keep the process alive. Each transaction has stored its counts already.
    logging.shutdown()
    os._exit(1)
