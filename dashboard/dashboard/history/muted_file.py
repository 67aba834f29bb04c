"""The muted tags of the last snapshot, in a file beside the history.

So they are not shown after a restart either, before the first snapshot.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import msgspec

from dashboard.snapshots.mute_schema import Mute

if TYPE_CHECKING:
    from pathlib import Path

    from dashboard.log_throttle import Throttle
    from dashboard.snapshots.mute_list import MuteList

logger = logging.getLogger(__name__)

_decoder = msgspec.json.Decoder(Mute | None)


class MutedFile:
    """Sets the muted tags, and stores them."""

    def __init__(self, path: Path, muted: MuteList, throttle: Throttle) -> None:
        """Set what is stored. A file that can't be read mutes nothing."""
        self._path = path
        self._muted = muted
        self._throttle = throttle
        self._newest: Mute | None = None
        self._stored: Mute | None = None
        try:
            self._stored = self._newest = _decoder.decode(path.read_bytes())
        except FileNotFoundError:
            pass
        except (OSError, msgspec.DecodeError) as error:
            logger.warning("the stored muted tags can't be read; the next snapshot names them again: %s", error)
        muted.set(self._newest)

    def note(self, mute: Mute | None) -> None:
        """Mute the tags of a newer snapshot. What can't be written is tried again with the next snapshot."""
        if mute is not self._newest:
            self._newest = mute
            self._muted.set(mute)
        if _entries(mute) == _entries(self._stored):
            return
        try:
            self._write(mute)
        except OSError as error:
            if self._throttle.allows("muted"):
                logger.warning("the muted tags can't be stored; they are muted until the next start: %s", error)
        else:
            self._stored = mute

    def _write(self, mute: Mute | None) -> None:
        new = self._path.with_suffix(".new")
        with new.open("wb") as file:
            file.write(msgspec.json.encode(mute))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)


def _entries(mute: Mute | None) -> tuple[list[str], list[str]]:
    return (mute.keys, mute.patterns) if mute else ([], [])
