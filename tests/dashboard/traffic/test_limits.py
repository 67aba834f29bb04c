from __future__ import annotations

import pytest

from dashboard.traffic import limits
from dashboard.traffic.limits import Connections, Rates, network_of
from dashboard.traffic.token_bucket import TokenBucket


class Clock:
    now_ms = 0

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_budget_may_be_used_up_at_once_and_comes_back_steadily(clock: Clock) -> None:
    bucket = TokenBucket(3, 2, clock)
    assert [bucket.spend() for _ in range(4)] == [True, True, True, False]
    assert bucket.seconds_until() == 0.5
    clock.now_ms = 499
    assert not bucket.spend()
    clock.now_ms = 500
    assert bucket.spend()
    assert not bucket.spend()
    clock.now_ms = 60_000
    assert [bucket.spend() for _ in range(4)] == [True, True, True, False]


def test_what_costs_more_than_is_left_takes_nothing(clock: Clock) -> None:
    bucket = TokenBucket(10, 1, clock)
    assert not bucket.spend(11)
    assert bucket.spend(10)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_what_one_machine_may_call_itself_is_limited_as_one(address: str, network: str) -> None:
    assert network_of(address) == network


def test_connections_of_an_address_are_bounded_and_those_of_others_are_not_touched() -> None:
    connections = Connections(2)
    assert [connections.enter("a") for _ in range(3)] == [True, True, False]
    assert connections.enter("b")
    assert len(connections) == 3
    connections.leave("a")
    assert connections.enter("a")
    for address in "aab":
        connections.leave(address)
    assert len(connections) == 0
    assert connections._open == {}


def test_no_limit_is_zero(clock: Clock) -> None:
    connections, rates = Connections(0), Rates(0, 0, clock)
    assert all(connections.enter("a") for _ in range(10_000))
    assert {rates.wait_seconds("a", costly=True) for _ in range(10_000)} == {0.0}


def test_costly_requests_have_a_limit_of_their_own_beside_that_of_all(clock: Clock) -> None:
    rates = Rates(120, 60, clock)
    assert [rates.wait_seconds("a", costly=True) for _ in range(61)] == [0.0] * 60 + [1.0]
    assert [rates.wait_seconds("a", costly=False) for _ in range(60)] == [0.0] * 59 + [1.0]
    assert rates.wait_seconds("b", costly=True) == 0.0
    clock.now_ms = 1000
    assert rates.wait_seconds("a", costly=True) == 0.0
    assert rates.wait_seconds("a", costly=True) == 1.0


def test_no_more_addresses_are_remembered_than_there_is_room_for(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ADDRESSES", 3)
    rates = Rates(1, 1, clock)
    for address in "abcad":
        rates.wait_seconds(address, costly=False)
    assert list(rates._rates) == ["c", "a", "d"]
    assert rates.wait_seconds("a", costly=False) == 60.0
