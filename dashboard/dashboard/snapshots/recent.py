"""Hold the snapshots of the last two minutes, so that a number that a page shows can be looked up."""

from __future__ import annotations

import zlib
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from dashboard.snapshots.schema import ShownSnapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.snapshots.latest import Shown

#: (`epoch`, `seq`) of a snapshot.
Order = tuple[int, int]

HELD_MS = 120_000
#: The most bytes of all held snapshots. A snapshot has some 20 kB, compressed.
MAX_BYTES = 8 << 20
#: The fastest level: while pages are open, a snapshot is compressed each second, and it is hardly ever looked at.
LEVEL = 1

_decoder = msgspec.json.Decoder(ShownSnapshot)


class NotHeldError(LookupError):
    """The snapshot is not held, or not any more."""


class _Held(NamedTuple):
    arrived_ms: int
    body: bytes


class RecentSnapshots:
    """The snapshots of before the newest one that somebody has read, without posts and without the list of muted tags.

    At rest nobody reads them, and they cost nothing.
    """

    def __init__(self, monotonic_ms: Callable[[], int]) -> None:
        """`monotonic_ms`: milliseconds of a clock that is never set back."""
        self._monotonic_ms = monotonic_ms
        self._held: OrderedDict[Order, _Held] = OrderedDict()
        self._bytes = 0
        self._read: tuple[Order, ShownSnapshot] | None = None

    def hold(self, shown: Shown) -> None:
        """Hold a snapshot that is not the newest any more."""
        body = zlib.compress(shown.whole, LEVEL)
        self._held[shown.order] = _Held(self._monotonic_ms(), body)
        self._bytes += len(body)
        self._forget_old()

    def find(self, order: Order) -> ShownSnapshot:
        """The snapshot.

        Raises:
            NotHeldError: It is not held.

        """
        self._forget_old()
        held = self._held.get(order)
        if held is None:
            raise NotHeldError(order)
        if self._read is None or self._read[0] != order:
            self._read = order, _decoder.decode(zlib.decompress(held.body))
        return self._read[1]

    def _forget_old(self) -> None:
        oldest_ms = self._monotonic_ms() - HELD_MS
        while self._held and (self._bytes > MAX_BYTES or next(iter(self._held.values())).arrived_ms < oldest_ms):
            order, held = self._held.popitem(last=False)
            self._bytes -= len(held.body)
            if self._read and self._read[0] == order:
                self._read = None
