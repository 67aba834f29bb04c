"""Give memory back to the system when the backlog is counted: a process that has counted much has a lot that is free.

The GNU C library holds freed memory for the next call. To give it back after each large micro-batch would take time
from counting, because the next one needs it again. So it is given back when only small ones follow.
"""

import ctypes
from collections.abc import Callable
from contextlib import suppress

#: Work on at least this many posts is large.
LARGE_POSTS = 8_192
#: Memory is given back after this much small work in a row. A thread of Arrow frees its last task with its next one.
SMALL_WORK = 5


def trim() -> None:
    """Give back all free memory, if the C library of this system can do that. See malloc_trim(3)."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


class FreeMemory:
    """The free memory of this process."""

    def __init__(self, give_back: Callable[[], None] = trim) -> None:
        self._give_back = give_back
        self._small_work = SMALL_WORK

    def note_work(self, posts: int) -> None:
        """Note that work on so many posts is done. Once after large work, memory is given back."""
        if posts >= LARGE_POSTS:
            self._small_work = 0
        elif self._small_work < SMALL_WORK:
            self._small_work += 1
            if self._small_work == SMALL_WORK:
                self._give_back()
