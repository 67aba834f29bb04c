"""`TARGETS_FILE`: the targets of alerts in a file, which is read again when it changes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from dashboard.alerts.targets import TargetsError, read_targets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dashboard.alerts.targets import Target

    Read = Callable[[Path, bytes], list[Target]]

logger = logging.getLogger(__name__)


class TargetsFile:
    """The targets of now. A file that can't be used leaves them as they are, and `error` says why."""

    def __init__(self, path: Path | None, key: bytes, read: Read = read_targets) -> None:
        """Read the file for the first time. Without a path there are no targets.

        Args:
            path: The file, or None. Its services of Apprise were checked at the start.
            key: A secret of the dashboard.
            read: Reads the file after a change.

        """
        self.path = path
        self.error: str | None = None
        self.targets: list[Target] = []
        self._key = key
        self._signature: object = None
        self._read: Read = read_targets
        self.check()
        self._read = read

    def ids(self) -> list[str]:
        """The ids of the targets of now."""
        return [target.id for target in self.targets]

    def check(self) -> None:
        """Read the file if it has changed."""
        if self.path is None:
            return
        signature = _signature(self.path)
        if signature == self._signature:
            return
        self._signature = signature
        try:
            targets = self._read(self.path, self._key)
        except TargetsError as error:
            self._refuse(str(error))
            return
        except Exception as error:  # noqa: BLE001 - its text may have the content of the file
            self._refuse(f"{self.path} can't be read ({type(error).__name__})")
            return
        self.error = None
        if targets != self.targets:
            self.targets = targets
            logger.info("TARGETS_FILE: alerts go to %d targets", len(targets))

    def _refuse(self, sentence: str) -> None:
        self.error = f"TARGETS_FILE can't be used: {sentence}"
        logger.error("%s; the previous targets still get alerts", self.error)


def _signature(path: Path) -> object:
    """A value that differs after each change, also when an editor replaces the file."""
    try:
        facts = path.stat()
    except OSError as error:
        return error.errno
    return facts.st_mtime_ns, facts.st_size, facts.st_ino
