"""The costs of the source x, and its limits."""

import itertools
import logging

import pytest
from tests.ingest.conftest import ManualClock
from tests.ingest.servers.x_responses import line
from tests.ingest.servers.x_server import Wire, XServer
from tests.ingest.sources.x.client import MIDNIGHT_MS, NOON_MS, Open, collect, ids, sends

from ingest.sources.base import Interrupted, Paused
from ingest.sources.x import stream as x_stream


def test_the_daily_limit_closes_the_stream_until_the_next_day(
    x_api: XServer, open_x: Open, manual_clock: ManualClock
) -> None:
    def turn(wire: Wire) -> None:
        for number in range(10):
            wire.send(line(number))
        wire.silence()

    x_api.turns.extend([turn, sends(line(99))])
    x = open_x(daily_limit=5)
    items, end = collect(x)
    assert len(items) == 5
    assert isinstance(end, Paused)
    assert str(end) == (
        "X_DAILY_LIMIT is reached: 5 posts ($0.03) were billed on 2026-11-20; the source continues at 00:00 UTC"
    )
    assert end.until_ms == MIDNIGHT_MS
    assert x_api.gone.wait(20)
    requests = len(x_api.requests)
    assert isinstance(collect(x, items[-1].cursor)[1], Paused)
    assert len(x_api.requests) == requests
    manual_clock.pass_ms(MIDNIGHT_MS - NOON_MS)
    assert [item.cursor for item in collect(x, items[-1].cursor)[0]] == ["2026-11-21 1 6"]


def test_the_stream_is_closed_when_posts_can_not_be_stored_and_the_read_posts_count(
    x_api: XServer, open_x: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(x_stream, "FULL_QUEUE_SECONDS", 0.2)

    def turn(wire: Wire) -> None:
        for number in itertools.count():
            if wire.gone.is_set() or wire.closing.is_set():
                return
            wire.send(line(number, "text " * 40))

    x_api.turns.append(turn)
    x = open_x(daily_limit=10**6)
    posts = x.posts(None)
    items = [next(posts)]
    assert x_api.gone.wait(20)
    with pytest.raises(Interrupted, match="ingest can't store the posts fast enough"):
        items.extend(posts)
    assert ids(items) == list(range(len(items)))
    assert len(items) > 65
    assert x.facts()["billed_today"] == len(items)


def test_the_limit_holds_across_a_restart(x_api: XServer, open_x: Open) -> None:
    x = open_x(daily_limit=5)
    assert isinstance(collect(x, "2026-11-20 5")[1], Paused)
    assert x_api.requests == []
    assert x.facts()["billed_today"] == 5


def test_a_start_logs_the_greatest_cost_of_a_day(open_x: Open, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    open_x()
    assert "x: a day costs at most $5.00 (X_DAILY_LIMIT=1000 posts at $0.005 each)" in caplog.text


def test_its_facts_are_the_bill_of_the_day(x_api: XServer, open_x: Open, manual_clock: ManualClock) -> None:
    x_api.turns.append(sends(line(1), line(2), line(2)))
    x = open_x()
    collect(x, "2026-11-20 100")
    assert x.facts() == {
        "billed_today": 103,
        "cost_today_usd": 0.515,
        "daily_limit": 1000,
        "cost_at_limit_usd": 5.0,
        "billed_month": 103,
        "cost_month_usd": 0.515,
        "monthly_limit": 2_000_000,
        "rules": 1,
        "rules_of_others": 0,
    }
    manual_clock.pass_ms(MIDNIGHT_MS - NOON_MS)
    assert (x.facts()["billed_today"], x.facts()["cost_today_usd"]) == (0, 0.0)
    assert (x.facts()["billed_month"], x.facts()["cost_month_usd"]) == (103, 0.515)


def test_the_monthly_limit_closes_the_stream_until_the_next_month(x_api: XServer, open_x: Open) -> None:
    x_api.turns.append(sends(*(line(number) for number in range(10))))
    x = open_x(monthly_limit=100)
    items, end = collect(x, "2026-11-19 40 97")
    assert len(items) == 3
    assert items[-1].cursor == "2026-11-20 3 100"
    assert isinstance(end, Paused)
    assert str(end) == (
        "X_MONTHLY_LIMIT is reached: 100 posts ($0.50) were billed in 2026-11; "
        "the source continues at 00:00 UTC on 2026-12-01"
    )
    assert end.until_ms == 1_796_083_200_000
    requests = len(x_api.requests)
    assert isinstance(collect(open_x(monthly_limit=100), items[-1].cursor)[1], Paused)
    assert len(x_api.requests) == requests
