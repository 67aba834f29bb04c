"""Limits for each client address: open connections, and requests in a minute."""

from __future__ import annotations

from collections import Counter, OrderedDict
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, NamedTuple

from dashboard.traffic.token_bucket import TokenBucket

if TYPE_CHECKING:
    from collections.abc import Callable

#: The size of the table of addresses. The least recently used one is dropped first.
MAX_ADDRESSES = 10_000


def network_of(address: str) -> str:
    """The network that shares one limit: an IPv4 address, or the /64 of an IPv6 address, which one machine may own."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or IPv6Network((int(parsed), 64), strict=False))
    return address


class Connections:
    """Counts open connections. `most`: how many one address may have; 0 means no limit."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        """Count one more connection of `address`. False if it has too many already."""
        if self._most and self._open[address] >= self._most:
            return False
        self._open[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Count one connection less."""
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]

    def __len__(self) -> int:
        """Connections of all addresses."""
        return self._open.total()


class AddressRates(NamedTuple):
    """The buckets of one address: for all requests, and for costly ones. None means no limit."""

    any: TokenBucket | None
    costly: TokenBucket | None


class Rates:
    """Limits the requests of each address. A minute's requests may come at once. 0 means no limit."""

    def __init__(self, per_minute: int, costly_per_minute: int, monotonic_ms: Callable[[], int]) -> None:
        self._limits = (per_minute, costly_per_minute)
        self._monotonic_ms = monotonic_ms
        self._rates: OrderedDict[str, AddressRates] = OrderedDict()

    def wait_seconds(self, address: str, *, costly: bool) -> float:
        """Count a request of `address`.

        Returns:
            0 if it may be served, else how many seconds the client must wait.

        """
        rates = self._rates.get(address)
        if rates is None:
            rates = self._rates[address] = AddressRates(*map(self._bucket, self._limits))
            if len(self._rates) > MAX_ADDRESSES:
                self._rates.popitem(last=False)
        self._rates.move_to_end(address)
        for bucket in rates if costly else rates[:1]:
            if bucket is not None and not bucket.spend():
                return max(1.0, bucket.seconds_until())
        return 0.0

    def _bucket(self, per_minute: int) -> TokenBucket | None:
        return TokenBucket(per_minute, per_minute / 60, self._monotonic_ms) if per_minute else None
