"""The claim on the history's directory: one dashboard at a time."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class HistoryBusyError(Exception):
    """Another dashboard uses the same directory."""


def claim(directory: Path) -> int:
    """Make `directory` and lock it for this process and its children; the lock goes with the process.

    Returns the descriptor that holds the lock. Raises HistoryBusyError when another process has it, and
    OSError when the directory can't be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    # Of an earlier version it may be open to other users.
    directory.chmod(0o700)
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise HistoryBusyError(str(directory)) from error
    return descriptor
