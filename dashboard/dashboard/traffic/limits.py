"""How much one address may have at once, and ask for in a minute."""

from __future__ import annotations

from collections import Counter, OrderedDict
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, NamedTuple

from dashboard.traffic.token_bucket import Budget

if TYPE_CHECKING:
    from collections.abc import Callable

REMEMBERED = 10_000
"""Addresses whose requests are counted; who came back last is forgotten last."""


def network_of(address: str) -> str:
    """What is limited as one: an address, or the /64 of an IPv6 address, all of which one machine may have."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or IPv6Network((int(parsed), 64), strict=False))
    return address


class Connections:
    """Connections that are open now. `most` of one address, without limit if 0."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        """One more of `address`, unless it has too many."""
        if self._most and self._open[address] >= self._most:
            return False
        self._open[address] += 1
        return True

    def leave(self, address: str) -> None:
        """One less."""
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]

    def __len__(self) -> int:
        """Of all addresses."""
        return self._open.total()


class Asking(NamedTuple):
    """What an address may still ask for: of everything, and of what is costly."""

    any: Budget | None
    costly: Budget | None


class Rates:
    """Requests of each address. A limit of a minute may be used up at once; 0 is none."""

    def __init__(self, per_minute: int, costly_per_minute: int, monotonic_ms: Callable[[], int]) -> None:
        self._limits = (per_minute, costly_per_minute)
        self._monotonic_ms = monotonic_ms
        self._asking: OrderedDict[str, Asking] = OrderedDict()

    def wait_seconds(self, address: str, *, costly: bool) -> float:
        """Count a request of `address`: 0, or, if it is one too many, how long it must wait."""
        asking = self._asking.get(address)
        if asking is None:
            asking = self._asking[address] = Asking(*map(self._budget, self._limits))
            if len(self._asking) > REMEMBERED:
                self._asking.popitem(last=False)
        self._asking.move_to_end(address)
        for budget in asking if costly else asking[:1]:
            if budget is not None and not budget.take():
                return max(1.0, budget.seconds_until())
        return 0.0

    def _budget(self, per_minute: int) -> Budget | None:
        return Budget(per_minute, per_minute / 60, self._monotonic_ms) if per_minute else None
