"""The event `alert`: each alert once to each connected page, and the newest one in each snapshot."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING, Any

import pytest
from tests.dashboard.live.test_hub import WAIT_SECONDS, Page
from tests.dashboard.support.alerts import SENTENCE, pushed, rules

if TYPE_CHECKING:
    from tests.dashboard.conftest import Dashboard


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_each_alert_goes_once_to_each_connected_page_before_the_snapshot_that_names_it(
    dashboard: Dashboard, transport: str
) -> None:
    pages = [Page(dashboard.url, [transport]) for _ in range(2)]
    received: list[queue.Queue[tuple[str, Any]]] = [queue.Queue() for _ in pages]
    for page, arrived in zip(pages, received, strict=True):
        page.client.on("alert", lambda alert, arrived=arrived: arrived.put(("alert", alert)))
        page.client.on("snapshot", lambda event, arrived=arrived: arrived.put(("snapshot", event["alerts"])))
    dashboard.push(
        {"WorldCup": 1}, alerts=[pushed(1), pushed(2)], alert_rules=rules(error="line 2: no such field", dropped=3)
    )
    # The job sends them again until it knows that they are stored.
    dashboard.push({"WorldCup": 2}, alerts=[pushed(1), pushed(2), pushed(3)])
    for arrived in received:
        got = [arrived.get(timeout=WAIT_SECONDS) for _ in range(5)]
        assert [kind for kind, _ in got] == ["alert", "alert", "snapshot", "alert", "snapshot"]
        assert [got[place][1]["id"] for place in (0, 1, 3)] == [pushed(number)["id"] for number in (1, 2, 3)]
        assert got[0][1]["text"]["en"] == SENTENCE
        assert got[2][1] == {"newest_id": pushed(2)["id"], "rules": 2, "error": "line 2: no such field", "dropped": 3}
        assert got[4][1] == {"newest_id": pushed(3)["id"], "rules": 0, "error": None, "dropped": 0}
        assert arrived.empty()
    for page in pages:
        page.close()


def test_many_alerts_of_one_push_keep_its_snapshot_from_no_page(dashboard: Dashboard) -> None:
    page = Page(dashboard.url, ["websocket"])
    arrived: queue.Queue[str] = queue.Queue()
    page.client.on("alert", lambda alert: arrived.put(alert["id"]))
    page.client.on("snapshot", lambda event: arrived.put(event["alerts"]["newest_id"]))
    alerts = [pushed(number) for number in range(1, 13)]
    dashboard.push({"WorldCup": 1}, alerts=alerts)
    ids = [alert["id"] for alert in alerts]
    assert [arrived.get(timeout=WAIT_SECONDS) for _ in range(13)] == [*ids, ids[-1]]
    page.close()
