"""Count deleted posts in one transaction of the state."""

import logging
from collections.abc import Sequence

import duckdb

from spark_job.changes.change import Change
from spark_job.first_line import first_line
from spark_job.state.store import State

logger = logging.getLogger(__name__)


def take_back(state: State, log: str, changes: Sequence[Change], after: int) -> int:
    """Count the deleted posts of changes, and move on in the log of changes.

    Args:
        state: The state.
        log: The log to which the changes belong.
        changes: See `TakenBack.add`, and so is `after`.
        after: The number after the changes.

    Returns:
        The number of the first change that is not counted. -1 if the state is of another log, or can't be written now.

    """
    try:
        progress = state.progress()
        if progress is None or progress.log != log:
            return -1
        newest_ms = max(progress.closed_until_ms, progress.last_at_ms)
        from_ms = newest_ms - 2 * state.window_ms - state.pane_ms
        return state.taken_back.add(state.transaction, progress, changes, after, from_ms)
    except duckdb.Error as error:
        # Counting reports the error of the file, and opens it again.
        logger.warning("deletions can't be counted now: %s", first_line(error)[:300])
        return -1
