from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.dashboard.history.conftest import DAY_MS, NOW_MS, Hands, pane
from tests.dashboard.support import feeder

from dashboard.api.responses import MAX_TIME_MS
from dashboard.history import store as history
from dashboard.history.store import History
from dashboard.snapshots.schema import Pane

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def starts(page: history.Panes) -> list[int]:
    return [one.from_ms for one in page.panes]


def test_kept_panes_come_back_as_they_were_pushed(stored: History) -> None:
    assert stored.store([pane(NOW_MS - 20_000, CaféConLeche=4), pane(NOW_MS - 10_000, 東京=2)]) == NOW_MS
    assert msgspec.to_builtins(stored.read(0, MAX_TIME_MS).panes) == [
        feeder.pane(NOW_MS - 20_000, {"CaféConLeche": 4}),
        feeder.pane(NOW_MS - 10_000, {"東京": 2}),
    ]


def test_no_panes_acknowledge_nothing(stored: History) -> None:
    assert stored.store([]) is None


def test_the_same_pane_twice_is_kept_once_and_acknowledged_twice(stored: History) -> None:
    for _ in range(2):
        assert stored.store([pane(NOW_MS - 10_000)]) == NOW_MS
    assert starts(stored.read(0, MAX_TIME_MS)) == [NOW_MS - 10_000]


def test_a_pane_that_comes_again_with_other_counts_is_corrected(stored: History) -> None:
    stored.store([pane(NOW_MS - 10_000, Rain=5)])
    assert stored.store([pane(NOW_MS - 10_000, Rain=8)]) == NOW_MS
    assert stored.read(0, MAX_TIME_MS).panes == [pane(NOW_MS - 10_000, Rain=8)]


def test_another_epoch_of_the_same_ten_seconds_is_another_pane(stored: History) -> None:
    stored.store([pane(NOW_MS - 10_000, epoch=1), pane(NOW_MS - 10_000, epoch=2)])
    assert [one.epoch for one in stored.read(0, MAX_TIME_MS).panes] == [1, 2]


def test_panes_go_24_hours_after_they_came(stored: History, hands: Hands) -> None:
    stored.store([pane(NOW_MS - 10_000)])
    hands.pass_ms(DAY_MS - 1)
    assert stored.store([pane(hands.wall - 10_000)]) == hands.wall
    assert len(starts(stored.read(0, MAX_TIME_MS))) == 2
    hands.pass_ms(1)
    assert starts(stored.read(0, MAX_TIME_MS)) == [NOW_MS - 10_000 + DAY_MS - 1]
    stored.store([pane(hands.wall)])
    assert rows(stored) == 2


def rows(stored: History) -> int:
    assert stored._database is not None
    count: int = stored._database.execute("SELECT count(*) FROM panes").fetchone()[0]
    return count


def test_panes_go_in_time_across_a_restart(open_history: Callable[[], History], hands: Hands) -> None:
    open_history().store([pane(NOW_MS - 10_000)])
    hands.wall += DAY_MS - 1
    hands.monotonic = 5
    again = open_history()
    assert len(starts(again.read(0, MAX_TIME_MS))) == 1
    hands.pass_ms(1)
    assert starts(again.read(0, MAX_TIME_MS)) == []


@pytest.mark.parametrize("own_clock", [False, True], ids=["of ingest", "of both"])
def test_a_clock_that_was_a_year_ahead_wipes_nothing_and_leaves_nothing(
    stored: History, hands: Hands, own_clock: bool
) -> None:
    year_ms = 365 * DAY_MS
    stored.store([pane(NOW_MS - 10_000)])
    hands.wall += year_ms if own_clock else 0
    hands.pass_ms(10_000)
    assert stored.store([pane(NOW_MS + year_ms)]) == NOW_MS + year_ms + 10_000
    hands.wall -= year_ms if own_clock else 0
    hands.pass_ms(10_000)
    stored.store([pane(NOW_MS + 10_000)])
    assert starts(stored.read(0, MAX_TIME_MS)) == [NOW_MS - 10_000, NOW_MS + 10_000, NOW_MS + year_ms]
    hands.pass_ms(DAY_MS - 10_000)
    stored.store([pane(hands.wall)])
    assert starts(stored.read(0, MAX_TIME_MS)) == [NOW_MS + 10_000, hands.wall]
    assert rows(stored) == 2


def test_a_clock_that_went_back_across_a_restart_does_not_keep_panes_for_ever(
    open_history: Callable[[], History], hands: Hands
) -> None:
    open_history().store([pane(NOW_MS - 10_000)])
    hands.wall -= 365 * DAY_MS
    again = open_history()
    hands.pass_ms(DAY_MS - 1)
    assert len(starts(again.read(0, MAX_TIME_MS))) == 1
    hands.pass_ms(1)
    assert starts(again.read(0, MAX_TIME_MS)) == []


def test_the_bytes_are_bounded(stored: History, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # The empty tables of alerts take five pages of it.
    monkeypatch.setattr(history, "MAX_BYTES", 220_000)
    monkeypatch.setattr(history, "DROPPED_AT_ONCE", 5)
    tags = {f"tag{n}": n for n in range(1, 51)}
    for number in range(200):
        assert stored.store([pane(NOW_MS + number * 10_000, **tags)]) is not None
    held = starts(stored.read(0, MAX_TIME_MS))
    assert 35 < len(held) < 50
    assert held == [NOW_MS + number * 10_000 for number in range(200 - len(held), 200)]
    stored.close()
    assert (tmp_path / "history.sqlite").stat().st_size < 250_000


def test_what_is_dropped_for_room_is_not_found_either(
    open_history: Callable[[], History], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MAX_PANES", 2)
    stored = open_history()
    stored.store([pane(NOW_MS - 10_000 * back) for back in (1, 2, 3)])
    assert [one.from_ms for one in stored.index().panes()] == [NOW_MS - 20_000, NOW_MS - 10_000]


def test_what_is_found_is_what_the_file_holds_after_a_restart_and_a_day_too(
    open_history: Callable[[], History], hands: Hands
) -> None:
    stored = open_history()
    stored.store([pane(NOW_MS - 20_000, Rain=1), pane(NOW_MS - 10_000, Sun=2)])
    hands.pass_ms(10_000)
    stored.store([pane(NOW_MS - 20_000, Rain=3)])
    before = stored.index().panes()
    assert [one.tags for one in before] == [{"rain": 3}, {"sun": 2}]
    stored.close()
    again = open_history()
    assert again.index().panes() == before
    hands.pass_ms(DAY_MS - 10_000)
    assert [one.tags for one in again.index().panes()] == [{"rain": 3}]


def test_a_history_that_was_removed_finds_nothing(open_history: Callable[[], History], tmp_path: Path) -> None:
    stored = open_history()
    stored.store([pane(NOW_MS - 20_000)])
    for file in tmp_path.glob("history.sqlite*"):
        file.unlink()
    assert stored.index().panes() == []


def test_the_oldest_go_when_there_are_too_many(stored: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_PANES", 3)
    stored.store([pane(NOW_MS - 10_000 * back) for back in (5, 4, 3, 2, 1)])
    assert starts(stored.read(0, MAX_TIME_MS)) == [NOW_MS - 30_000, NOW_MS - 20_000, NOW_MS - 10_000]


def test_a_stretch_gives_the_panes_that_overlap_it(stored: History) -> None:
    stored.store([pane(NOW_MS - 10_000 * back) for back in (4, 3, 2, 1)])
    assert starts(stored.read(NOW_MS - 30_000, NOW_MS - 10_000)) == [NOW_MS - 30_000, NOW_MS - 20_000]
    assert starts(stored.read(NOW_MS - 25_000, NOW_MS - 20_001)) == [NOW_MS - 30_000]


def test_reading_on_from_page_to_page_misses_nothing(stored: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_PANES_READ", 3)
    stored.store([pane(NOW_MS - 10_000 * back, epoch) for back in (4, 3, 2, 1) for epoch in (1, 2)])
    found, from_ms = [], 0
    while True:
        page = stored.read(from_ms, MAX_TIME_MS)
        found += [(NOW_MS - one.from_ms, one.epoch) for one in page.panes]
        if page.next_from_ms is None:
            break
        from_ms = page.next_from_ms
    assert found == [(10_000 * back, epoch) for back in (4, 3, 2, 1) for epoch in (1, 2)]


def test_a_full_disk_acknowledges_nothing_and_heals(
    stored: History, hands: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    assert stored._database is not None
    stored._database.execute("PRAGMA max_page_count = 4")
    many = [pane(NOW_MS - 10_000 * back, **{f"tag{n}": n for n in range(1, 51)}) for back in range(1, 40)]
    sentence = "the history can't be written; the job sends the panes again later: database or disk is full"
    for _ in range(3):
        assert stored.store(many) is None
        assert stored.notice == sentence
        hands.pass_ms(30_000)
    assert caplog.messages == [sentence, sentence]
    assert starts(stored.read(0, MAX_TIME_MS)) == []
    stored._database.execute("PRAGMA max_page_count = 100000")
    assert stored.store(many) == NOW_MS
    assert stored.notice is None
    assert len(starts(stored.read(0, MAX_TIME_MS))) == 39


PAGE = 4096


def fill(open_history: Callable[[], History]) -> None:
    """Make a history of 60 panes, some 40 pages, and close it."""
    stored = open_history()
    tags = {f"tag{n}": n for n in range(1, 51)}
    panes = [feeder.pane(NOW_MS - 10_000 * back, tags, window={"Rain": back, "Sun": 1}) for back in range(1, 61)]
    stored.store(msgspec.convert(panes, list[Pane]))
    stored.close()


def overwrite(file: Path, at: int, data: bytes) -> None:
    with file.open("r+b") as writing:
        writing.seek(at)
        writing.write(data)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "another text": lambda file: overwrite(file, 0, b"this is no database" * 5000),
    "no header": lambda file: overwrite(file, 0, bytes(100)),
    "zeros in the middle": lambda file: overwrite(file, file.stat().st_size // PAGE // 2 * PAGE, bytes(PAGE)),
    "a byte of a window": lambda file: overwrite(file, file.read_bytes().index(b'"Rain"') + 1, b"8"),
    "a byte of a pane": lambda file: overwrite(file, file.read_bytes().index(b'"tag7"') + 4, b"8"),
    "half of it": lambda file: os.truncate(file, file.stat().st_size // 2),
    "a page short": lambda file: os.truncate(file, file.stat().st_size - PAGE),
    "half a page": lambda file: os.truncate(file, PAGE // 2),
    "of the first issue": lambda file: overwrite(file, 60, bytes(4)),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_broken_file_is_set_aside_and_a_new_one_begun(
    open_history: Callable[[], History],
    hands: Hands,
    tmp_path: Path,
    damage: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    fill(open_history)
    damage(tmp_path / "history.sqlite")
    broken = (tmp_path / "history.sqlite").read_bytes()
    stored = open_history()
    assert stored.notice is not None
    assert caplog.messages == [stored.notice]
    assert stored.notice.startswith("the history was broken (")
    assert stored.notice.endswith(f"): it was set aside as history.sqlite.broken-{NOW_MS}, and a new one was begun")
    assert "\n" not in stored.notice
    assert (tmp_path / f"history.sqlite.broken-{NOW_MS}").read_bytes() == broken
    assert stored.store([pane(NOW_MS - 10_000)]) == NOW_MS
    assert starts(stored.read(0, MAX_TIME_MS)) == [NOW_MS - 10_000]
    # The sentence goes when the history is whole again.
    hands.pass_ms(DAY_MS)
    assert stored.notice is None


def test_a_file_of_before_there_were_windows_is_read_on(open_history: Callable[[], History], tmp_path: Path) -> None:
    # As the version before wrote it, checksums included.
    with closing(sqlite3.connect(tmp_path / "history.sqlite")) as old, old:
        old.execute(
            "CREATE TABLE panes (epoch INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,"
            " posts INTEGER NOT NULL, kept_ms INTEGER NOT NULL, checksum INTEGER NOT NULL, top BLOB NOT NULL,"
            " PRIMARY KEY (from_ms, epoch)) WITHOUT ROWID"
        )
        old.execute("CREATE INDEX panes_by_age ON panes (kept_ms)")
        row = (1, NOW_MS - 20_000, NOW_MS - 10_000, 3, b'[{"key":"rain","label":"Rain","posts":3}]', NOW_MS - 10_000)
        old.execute(
            "INSERT INTO panes (epoch, from_ms, to_ms, posts, top, kept_ms, checksum) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*row, 0x73EEAFAB),
        )
        old.execute("PRAGMA user_version = 1")
    for _ in range(2):
        stored = open_history()
        assert stored.notice is None
        assert stored.read(0, NOW_MS - 10_000).panes == [pane(NOW_MS - 20_000, Rain=3)]
        assert stored.index().panes()[0].tags == {"rain": 3}
        stored.store(msgspec.convert([feeder.pane(NOW_MS - 10_000, {"Sun": 1}, window={"Sun": 4})], list[Pane]))
        window = stored.read(NOW_MS - 10_000, NOW_MS).panes[0].window
        assert window is not None
        assert window.posts == 4
        stored.close()


def test_whatever_byte_is_changed_nothing_wrong_is_ever_read(
    open_history: Callable[[], History], tmp_path: Path
) -> None:
    fill(open_history)
    stored = open_history()
    whole = stored.read(0, MAX_TIME_MS)
    stored.close()
    file = tmp_path / "history.sqlite"
    intact = file.read_bytes()
    chance = random.Random(7)
    set_aside = 0
    for _ in range(100):
        at = chance.randrange(len(intact))
        file.write_bytes(intact[:at] + bytes([intact[at] ^ (1 << chance.randrange(8))]) + intact[at + 1 :])
        stored = open_history()
        assert stored.read(0, MAX_TIME_MS) == (history.Panes([], None) if stored.notice else whole)
        set_aside += stored.notice is not None
        stored.close()
    assert 10 < set_aside < 100


@pytest.mark.parametrize("use", ["keep", "read"])
def test_a_file_that_breaks_while_it_is_used_is_set_aside(
    open_history: Callable[[], History], tmp_path: Path, use: str
) -> None:
    fill(open_history)
    stored = open_history()
    overwrite(tmp_path / "history.sqlite", PAGE, b"\xff" * 30 * PAGE)
    if use == "read":
        assert stored.read(0, MAX_TIME_MS) == history.Panes([], None)
    assert stored.store([pane(NOW_MS - 10_000)]) == NOW_MS
    assert starts(stored.read(0, MAX_TIME_MS)) == [NOW_MS - 10_000]
    assert stored.notice is not None
    assert stored.notice.startswith("the history was broken (")
    assert len(list(tmp_path.glob("history.sqlite.broken-*"))) >= 1


def test_a_file_that_was_removed_while_we_were_stopped_is_begun_anew_and_said(
    open_history: Callable[[], History], tmp_path: Path
) -> None:
    fill(open_history)
    (tmp_path / "history.sqlite").unlink()
    stored = open_history()
    assert stored.notice == "the history was gone: a new one was begun"
    assert stored.store([pane(NOW_MS - 10_000)]) == NOW_MS
    stored.close()
    assert open_history().notice is None


def test_what_is_acknowledged_is_in_the_file_that_the_next_start_opens(
    open_history: Callable[[], History], tmp_path: Path
) -> None:
    stored = open_history()
    stored.store([pane(NOW_MS - 20_000)])
    for file in tmp_path.glob("history.sqlite*"):
        file.unlink()
    assert stored.store([pane(NOW_MS - 10_000)]) == NOW_MS
    assert stored.notice == "the history was removed while it was in use: a new one was begun"
    with sqlite3.connect(tmp_path / "history.sqlite") as database:
        assert database.execute("SELECT from_ms FROM panes").fetchall() == [(NOW_MS - 10_000,)]
    database.close()
