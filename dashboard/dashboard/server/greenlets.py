"""Log the error that ends a greenlet, and restart greenlets that must not end."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from dashboard.server.upstream import on_greenlet_error

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)


#: The least pause after an unexpected error, so that one which returns does not fill the log.
LEAST_ERROR_SECONDS = 1.0


def repeat(
    name: str,
    step: Callable[[], object],
    pause_seconds: float,
    sleep: Callable[[float], object],
    goes_on: Callable[[], bool] = lambda: True,
) -> None:
    """Call `step` as long as `goes_on`, with a pause after each call. An unexpected error is logged, and it goes on."""
    while goes_on():
        try:
            step()
        except Exception:  # whatever it is, this greenlet must not end
            logger.exception("unexpected error in %s, which goes on", name)
            if pause_seconds < LEAST_ERROR_SECONDS:
                sleep(LEAST_ERROR_SECONDS - pause_seconds)
        sleep(pause_seconds)


def log_greenlet_errors() -> None:
    """From now on, log the error that ends a greenlet of this thread, in place of a traceback on stderr."""

    def note(context: object, error: BaseException) -> None:
        logger.error("a greenlet ended with an error: %s", context, exc_info=error)

    on_greenlet_error(note)
