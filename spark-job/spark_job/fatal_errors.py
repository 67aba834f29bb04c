"""An error that nobody expected ends the job, in whatever thread: without one of them it would count for nobody."""

import logging
import os
import sys
import threading
from types import TracebackType

from spark_job.executor.foreign import shown

logger = logging.getLogger(__name__)

# Whoever ends the job may have ended Spark a moment before, and PySpark's threads fail then.
GRACE_SECONDS = 1.0


def end_by_unexpected_errors(stop: threading.Event) -> None:
    """From now on such an error is logged and ends the process with code 1, unless it is ending anyway."""

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
    sentence = f"the job ends, since its {where} met an error that nobody expected: {kind.__name__}: {shown(value)}"
    logger.critical("%s", sentence, exc_info=(kind, value or kind(), trace))
    # PySpark has threads that would keep a process alive; what is counted is stored by each transaction.
    logging.shutdown()
    os._exit(1)
