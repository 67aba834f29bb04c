"""The claim on the history's directory: one dashboard at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.history.sqlite_guard import lock_folder

if TYPE_CHECKING:
    from pathlib import Path


class HistoryBusyError(Exception):
    """Another dashboard uses the same directory."""


def claim(directory: Path) -> int:
    """Make `directory` and lock it for this process and its children; the lock goes with the process.

    Returns the descriptor that holds the lock. Raises HistoryBusyError when another process has it, and
    OSError when the directory can't be written.
    """
    try:
        return lock_folder(directory)
    except BlockingIOError as error:
        raise HistoryBusyError(str(directory)) from error
