"""X's own count of billed posts, and its comparison with ours."""

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.conftest import ManualClock
from tests.ingest.servers.x_responses import Answer, line
from tests.ingest.servers.x_server import Wire, XServer
from tests.ingest.sources.x.client import MIDNIGHT_MS, NOON_MS, InThread, Open, wait_for

from ingest.sources.x import meter as x_meter
from ingest.sources.x.billing import DAY_MS, Bill


def answer(**data: Any) -> bytes:
    return json.dumps({"data": data}).encode()


def days(**posts: Any) -> dict[str, Any]:
    usage = [
        {"date": f"2026-{date[1:].replace('_', '-')}T00:00:00.000Z", "usage": each} for date, each in posts.items()
    ]
    return {"daily_project_usage": {"project_id": "7", "usage": usage}}


def in_november(manual_clock: ManualClock) -> Bill:
    manual_clock.wall = NOON_MS
    bill = Bill(limit=10**6, price_usd=0.005, wall_ms=manual_clock.wall_ms)
    bill.resume("2026-11-20 30 130")
    return bill


@pytest.mark.parametrize(
    ("data", "by_x", "period"),
    [
        # Without days, the billing cycle is compared.
        ({"cap_reset_day": 10, "project_cap": "5000000000", "project_usage": "43435"}, 43435, "cycle"),
        ({"project_usage": 43435}, 43435, "cycle"),
        # Whole days of this month are compared; today, if X has more than ours.
        (days(_10_31="900", _11_01="60", _11_19=40, _11_20="30"), 130, "month"),
        (days(_11_01="60", _11_19="40", _11_20="10"), 130, "month"),
        (days(_11_01="60", _11_19="40"), 130, "month"),
        (days(_11_01="60", _11_19="45", _11_20="37"), 142, "month"),
        (days(_11_01="60", _11_21="9"), 90, "month"),
        ({"project_usage": "999"} | days(_11_19="100"), 130, "month"),
        # The other shape that X documents.
        (
            {"daily_project_usage": [{"date": "2026-11-19", "usage": [{"app_id": "1", "tweets_consumed": 154}]}]},
            184,
            "month",
        ),
    ],
)
def test_the_count_of_x_is_compared_with_ours(
    manual_clock: ManualClock, data: dict[str, Any], by_x: int, period: str
) -> None:
    usage = x_meter.read(answer(**data))
    assert usage is not None
    assert x_meter.compare(usage, in_november(manual_clock)) == (by_x, 130, period)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"data":[]}',
        b'{"data":{}}',
        answer(project_usage=-1),
        answer(project_usage=True),
        answer(project_usage=1.5),
        answer(project_usage="9" * 5000),
        b'{"data":{"project_usage":' + b"9" * 5000 + b"}}",
        b'{"data":' * 50_000,
        answer(daily_project_usage={"usage": [{"date": 7, "usage": 7}, "x", None, {"usage": 1}]}),
    ],
)
def test_an_unreadable_response_gives_no_usage(body: bytes) -> None:
    assert x_meter.read(body) is None


shapes = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["data", "daily_project_usage", "usage", "date", "project_usage", "tweets_consumed"]), inner
        )
    ),
)


@given(shapes)
def test_no_shape_raises(shape: object) -> None:
    x_meter.read(json.dumps(shape).encode())


def keeps_open(wire: Wire) -> None:
    wire.send(line(1))
    wire.silence()


def test_the_count_of_x_is_queried_once_a_day_while_the_stream_is_open(
    x_api: XServer, open_x: Open, manual_clock: ManualClock
) -> None:
    x_api.usage = Answer(200, json.loads(answer(project_cap="2000000", **days(_11_19="12"))))
    x_api.turns.append(Wire.silence)
    x = open_x()
    work = InThread(x)
    wait_for(lambda: "meter_posts" in x.facts())
    assert {name: value for name, value in x.facts().items() if name.startswith("meter")} == {
        "meter_posts": 12,
        "meter_counted": 0,
        "meter_period": "month",
        "meter_cap": 2_000_000,
    }
    assert len(x_api.usage_requests) == 1
    manual_clock.pass_ms(MIDNIGHT_MS - NOON_MS)
    manual_clock.pass_ms(DAY_MS)
    wait_for(lambda: len(x_api.usage_requests) == 2)
    x_api.close()
    work.join()
    assert "usage.fields=cap_reset_day%2Cdaily_project_usage" in x_api.usage_requests[0]


@pytest.mark.parametrize(
    "usage", [Answer(404, b""), Answer(401, {}), Answer(402, {}), Answer(200, b"<html>"), Answer(0)]
)
def test_a_failed_query_of_the_count_has_no_effect(
    x_api: XServer, open_x: Open, usage: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    x_api.usage = usage
    x_api.turns.append(keeps_open)
    x = open_x(silence_seconds=3)
    work = InThread(x)
    wait_for(lambda: "meter" in caplog.text)
    work.join()
    assert len(work.items) == 1
    assert str(work.end) == "X was silent for too long"
    assert not any(name.startswith("meter") for name in x.facts())


def test_without_an_open_stream_the_count_is_not_queried(x_api: XServer, open_x: Open) -> None:
    x_api.turns.append(Answer(403, {}))
    work = InThread(open_x())
    work.join()
    assert x_api.usage_requests == []
