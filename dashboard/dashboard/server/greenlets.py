"""No greenlet ends unnoticed: one that must not end goes on after an error, and what ends another is logged."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from dashboard.server.upstream import on_greenlet_error

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)


def repeat(name: str, step: Callable[[], object], pause_seconds: float, sleep: Callable[[float], object]) -> None:
    """Do `step` for ever, with a pause behind each; an error that nobody expected is logged, and it goes on."""
    while True:
        try:
            step()
        except Exception:  # whatever it is, this greenlet must not end
            logger.exception("%s met an error that nobody expected, and goes on", name)
        sleep(pause_seconds)


def log_greenlet_errors() -> None:
    """From now on, what ends a greenlet of this thread is logged, in place of a traceback on stderr."""

    def note(context: object, error: BaseException) -> None:
        logger.error("a greenlet ended by an error: %s", context, exc_info=error)

    on_greenlet_error(note)
