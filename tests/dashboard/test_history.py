from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.dashboard import feeder

from dashboard import history
from dashboard.history import History, HistoryBusyError, claim
from dashboard.snapshot import Pane

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY_MS = 86_400_000
NOW_MS = 100 * DAY_MS


def pane(from_ms: int, epoch: int = 1, **posts: int) -> Pane:
    return msgspec.convert(feeder.pane(from_ms, posts or {"WorldCup": 3}, epoch), Pane)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[History]:
    opened = History(tmp_path, lambda: NOW_MS)
    yield opened
    opened.close()


def starts(page: history.Page) -> list[int]:
    return [one["from_ms"] for one in page.panes]


def test_kept_panes_come_back_as_they_were_pushed(kept: History) -> None:
    assert kept.keep([pane(NOW_MS - 20_000, CaféConLeche=4), pane(NOW_MS - 10_000, 東京=2)]) == NOW_MS
    assert kept.read(0, history.MAX_TIME_MS).panes == [
        feeder.pane(NOW_MS - 20_000, {"CaféConLeche": 4}),
        feeder.pane(NOW_MS - 10_000, {"東京": 2}),
    ]


def test_no_panes_acknowledge_nothing(kept: History) -> None:
    assert kept.keep([]) is None


def test_the_same_pane_twice_is_kept_once_and_acknowledged_twice(kept: History) -> None:
    for _ in range(2):
        assert kept.keep([pane(NOW_MS - 10_000)]) == NOW_MS
    assert starts(kept.read(0, history.MAX_TIME_MS)) == [NOW_MS - 10_000]


def test_another_epoch_of_the_same_ten_seconds_is_another_pane(kept: History) -> None:
    kept.keep([pane(NOW_MS - 10_000, epoch=1), pane(NOW_MS - 10_000, epoch=2)])
    assert [one["epoch"] for one in kept.read(0, history.MAX_TIME_MS).panes] == [1, 2]


def test_panes_go_after_24_hours_and_are_acknowledged_even_if_they_come_too_late(kept: History) -> None:
    kept.keep([pane(NOW_MS - DAY_MS - 10_000), pane(NOW_MS - DAY_MS)])
    assert starts(kept.read(0, history.MAX_TIME_MS)) == [NOW_MS - DAY_MS]
    assert kept.keep([pane(0)]) == 10_000


def test_the_oldest_go_when_there_are_too_many(kept: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_PANES", 3)
    kept.keep([pane(NOW_MS - 10_000 * back) for back in (5, 4, 3, 2, 1)])
    assert starts(kept.read(0, history.MAX_TIME_MS)) == [NOW_MS - 30_000, NOW_MS - 20_000, NOW_MS - 10_000]


def test_a_stretch_gives_the_panes_that_overlap_it(kept: History) -> None:
    kept.keep([pane(NOW_MS - 10_000 * back) for back in (4, 3, 2, 1)])
    assert starts(kept.read(NOW_MS - 30_000, NOW_MS - 10_000)) == [NOW_MS - 30_000, NOW_MS - 20_000]
    assert starts(kept.read(NOW_MS - 25_000, NOW_MS - 20_001)) == [NOW_MS - 30_000]


def test_reading_on_from_page_to_page_misses_nothing(kept: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_PANES_READ", 3)
    kept.keep([pane(NOW_MS - 10_000 * back, epoch) for back in (4, 3, 2, 1) for epoch in (1, 2)])
    found, from_ms = [], 0
    while True:
        page = kept.read(from_ms, history.MAX_TIME_MS)
        found += [(NOW_MS - one["from_ms"], one["epoch"]) for one in page.panes]
        if page.next_from_ms is None:
            break
        from_ms = page.next_from_ms
    assert found == [(10_000 * back, epoch) for back in (4, 3, 2, 1) for epoch in (1, 2)]


def test_a_full_disk_acknowledges_nothing_and_heals(kept: History, caplog: pytest.LogCaptureFixture) -> None:
    kept._database.execute("PRAGMA max_page_count = 2")
    many = [pane(NOW_MS - 10_000 * back, **{f"tag{n}": n for n in range(1, 51)}) for back in range(1, 40)]
    assert kept.keep(many) is None
    assert "39 panes could not be kept" in caplog.text
    kept._database.execute("PRAGMA max_page_count = 100000")
    assert kept.keep(many) == NOW_MS


def test_a_broken_file_is_set_aside_and_a_new_one_begun(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "history.sqlite").write_bytes(b"this is no database, and long enough to be looked at" * 40)
    opened = History(tmp_path, lambda: NOW_MS)
    assert opened.keep([pane(NOW_MS - 10_000)]) == NOW_MS
    opened.close()
    assert (tmp_path / f"history.broken-{NOW_MS}").exists()
    assert "set aside" in caplog.text
    with sqlite3.connect(tmp_path / "history.sqlite") as database:
        assert database.execute("SELECT count(*) FROM panes").fetchone() == (1,)
    database.close()


def test_two_dashboards_do_not_share_a_directory(tmp_path: Path) -> None:
    claim(tmp_path / "history")
    with pytest.raises(HistoryBusyError):
        claim(tmp_path / "history")
