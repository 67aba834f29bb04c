"""Lock the folder of the history: one dashboard at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.history.sqlite_guard import lock_folder

if TYPE_CHECKING:
    from pathlib import Path


class HistoryBusyError(Exception):
    """Another dashboard uses the same folder."""


def lock_history(folder: Path) -> int:
    """Make `folder` and lock it for this process and its children. The lock ends with the process.

    Returns:
        The descriptor that holds the lock.

    Raises:
        HistoryBusyError: Another process has the lock.
        OSError: The folder can't be made or written.

    """
    try:
        return lock_folder(folder)
    except BlockingIOError as error:
        raise HistoryBusyError(str(folder)) from error
