"""What goes wrong with the disk under a real dashboard, and a stop under load."""

from __future__ import annotations

import http.client
import json
import os
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.dashboard.conftest import TOKEN, Dashboard
from tests.dashboard.support import feeder
from tests.ingest.support.small_disk import SmallDisk

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

FULL = (
    "the history can't be written; the job sends the panes again later: database or disk is full",
    "the history can't be written; the job sends the panes again later: disk I/O error",
    "the history can't be written; the job sends the panes again later: unable to open database file",
)
WORDS = {f"tag{n}": n for n in range(1, 51)}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    made = SmallDisk(tmp_path / "disk")
    yield made
    made.close()


def get(dashboard: Dashboard, path: str) -> Any:
    with urllib.request.urlopen(f"{dashboard.url}{path}", timeout=10) as answer:
        return json.load(answer)


def pids(dashboard: Dashboard) -> list[int]:
    parent = dashboard.process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [parent, *map(int, children)]


def panes(at_ms: int, count: int = 60) -> list[dict[str, Any]]:
    """Closed panes, some 5 kB each."""
    return [feeder.pane(at_ms - 10_000 * back, WORDS) for back in range(count, 0, -1)]


def history(dashboard: Dashboard) -> list[dict[str, Any]]:
    """All panes that are kept."""
    held: list[dict[str, Any]] = []
    next_from_ms: int | None = 0
    while next_from_ms is not None:
        page = get(dashboard, f"/api/history?from_ms={next_from_ms}")
        held += page["panes"]
        next_from_ms = page["next_from_ms"]
    return held


def start_on(disk: SmallDisk, folder: Path) -> Dashboard:
    with disk.limits():
        return Dashboard(folder, DATA_DIR=str(disk.folder))


def test_a_disk_that_is_full_at_the_start_costs_no_page_and_no_snapshot(disk: SmallDisk, tmp_path: Path) -> None:
    at_ms = int(time.time() * 1000) // 10_000 * 10_000
    disk.fill(0 if disk.is_mounted else 4096)
    dashboard = start_on(disk, tmp_path)
    for _ in range(3):
        answer = dashboard.push({"WorldCup": 1}, panes=panes(at_ms))
        assert answer == {"accepted": True, "kept_until_ms": None}
    with urllib.request.urlopen(dashboard.url, timeout=10) as page:
        assert page.status == 200
    assert get(dashboard, "/api/snapshot")["seq"] == 3
    assert get(dashboard, "/healthz")["history"] in FULL
    with pytest.raises(urllib.error.HTTPError) as caught:
        get(dashboard, "/api/history")
    assert caught.value.code == 503
    caught.value.close()
    disk.free(*pids(dashboard))
    assert dashboard.push({"WorldCup": 1}, panes=panes(at_ms)) == {"accepted": True, "kept_until_ms": at_ms}
    assert get(dashboard, "/healthz")["history"] is None
    assert get(dashboard, "/api/history")["panes"] == panes(at_ms)
    dashboard.stop()
    assert dashboard.stderr.count("the history can't be written") == 1
    assert "Traceback" not in dashboard.stderr


def test_a_disk_that_fills_up_acknowledges_nothing_until_there_is_room(disk: SmallDisk, tmp_path: Path) -> None:
    at_ms = int(time.time() * 1000) // 10_000 * 10_000
    disk.fill(2**20)
    dashboard = start_on(disk, tmp_path)
    kept = 0
    for number in range(100):
        answer = dashboard.push({"WorldCup": 1}, panes=panes(at_ms + number * 600_000))
        if answer["kept_until_ms"] is None:
            break
        assert answer["kept_until_ms"] == at_ms + number * 600_000
        kept = number + 1
    assert 0 < kept < 100
    assert get(dashboard, "/healthz")["history"] in FULL
    first = get(dashboard, "/api/history?to_ms=" + str(at_ms))["panes"]
    assert first == panes(at_ms)
    disk.free(*pids(dashboard))
    answer = dashboard.push({"WorldCup": 1}, panes=panes(at_ms + kept * 600_000))
    assert answer == {"accepted": True, "kept_until_ms": at_ms + kept * 600_000}
    assert get(dashboard, "/healthz")["history"] is None
    assert len(history(dashboard)) == 60 * (kept + 1)
    dashboard.stop()


def test_a_history_that_breaks_while_stopped_is_set_aside_and_shown(dashboard: Dashboard) -> None:
    at_ms = int(time.time() * 1000) // 10_000 * 10_000
    dashboard.push({"WorldCup": 1}, panes=panes(at_ms))
    dashboard.stop()
    os.truncate(dashboard.folder / "history" / "history.sqlite", 10_000)
    dashboard.start()
    (aside,) = (dashboard.folder / "history").glob("history.sqlite.broken-*[0-9]")
    notice = get(dashboard, "/healthz")["history"]
    assert notice.startswith("the history was broken (")
    assert notice.endswith(f"): it was set aside as {aside.name}, and a new one was begun")
    assert get(dashboard, "/api/history") == {"panes": [], "next_from_ms": None}
    assert notice in dashboard.stderr
    assert "Traceback" not in dashboard.stderr


def test_what_was_acknowledged_survives_a_kill_in_the_middle_of_pushes(dashboard: Dashboard) -> None:
    at_ms = int(time.time() * 1000) // 10_000 * 10_000
    acknowledged_ms = push_until(dashboard, at_ms, dashboard.kill)
    dashboard.start()
    held = history(dashboard)
    assert held[: len(acknowledged_ms)] == [feeder.pane(to_ms - 10_000, WORDS) for to_ms in acknowledged_ms]
    assert len(held) - len(acknowledged_ms) in {0, 1}


def test_a_stop_in_the_middle_of_pushes_takes_less_than_five_seconds_and_keeps_what_was_acknowledged(
    dashboard: Dashboard,
) -> None:
    at_ms = int(time.time() * 1000) // 10_000 * 10_000
    seconds: list[float] = []
    acknowledged_ms = push_until(dashboard, at_ms, lambda: seconds.append(dashboard.stop()))
    assert seconds[0] < 5
    assert dashboard.stderr == ""
    assert not (dashboard.folder / "history" / "history.sqlite-wal").exists()
    dashboard.start()
    held = history(dashboard)
    assert held[: len(acknowledged_ms)] == [feeder.pane(to_ms - 10_000, WORDS) for to_ms in acknowledged_ms]
    assert len(held) - len(acknowledged_ms) in {0, 1}


def push_until(dashboard: Dashboard, at_ms: int, end: Any) -> list[int]:
    """Push a pane each time, call `end` after the twentieth answer while going on; `to_ms` of those acknowledged."""
    acknowledged_ms: list[int] = []
    twenty = threading.Event()

    def push() -> None:
        for number in range(100_000):
            snapshot = feeder.snapshot(
                {"WorldCup": 1}, at_ms, number, panes=[feeder.pane(at_ms + 10_000 * number, WORDS)]
            )
            try:
                answer = feeder.push(dashboard.url, TOKEN, snapshot)
            except (OSError, http.client.HTTPException):
                return
            acknowledged_ms.append(answer["kept_until_ms"])
            if number == 20:
                twenty.set()

    pushing = threading.Thread(target=push)
    pushing.start()
    assert twenty.wait(60)
    end()
    pushing.join(30)
    assert acknowledged_ms == [at_ms + 10_000 * (number + 1) for number in range(len(acknowledged_ms))]
    return acknowledged_ms
