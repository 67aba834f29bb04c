"""When a process first reads one of some files. Linux says so by inotify."""

import ctypes
import os
import select
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

# IN_ACCESS of inotify(7): the file was read.
_IN_ACCESS = 1
# Enough for one event about a file, which has no name.
_EVENT_BYTES = 4096
_END_SECONDS = 10.0


class FirstRead:
    """Started by `with`, before the files are read. Its events also come for a file that is read by another name."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = list(files)
        #: When one of them was first read, by the monotonic clock.
        self.at: float | None = None

    def __enter__(self) -> Self:
        libc = ctypes.CDLL(None, use_errno=True)
        self._inotify = _checked(libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        for file in self._files:
            _checked(libc.inotify_add_watch(self._inotify, os.fsencode(file), _IN_ACCESS))
        self._end, self._ended = os.pipe()
        self._watch = threading.Thread(target=self._wait, name="first read", daemon=True)
        self._watch.start()
        return self

    def _wait(self) -> None:
        readable, _, _ = select.select([self._inotify, self._end], [], [])
        if self._inotify in readable:
            self.at = time.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._ended)
        self._watch.join(_END_SECONDS)
        os.close(self._end)
        os.close(self._inotify)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
