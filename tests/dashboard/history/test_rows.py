"""The lists of rising tags, and the accounts, that panes are stored with."""

from __future__ import annotations

import random
import sqlite3
import zlib
from contextlib import closing
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from tests.dashboard.history.conftest import NOW_MS
from tests.dashboard.support import feeder
from tests.dashboard.support.rising import held_back, rising, rising_tag, sample

from dashboard.api.responses import MAX_TIME_MS
from dashboard.history import store as history
from dashboard.snapshots.schema import Pane

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dashboard.history.store import History

FROM_MS = NOW_MS - 10_000


def pane(from_ms: int = FROM_MS, listed: object = None, posts: dict[str, int] | None = None) -> Pane:
    made = feeder.pane(from_ms, posts, window={"Rain": 9})
    made["window"]["authors"] = 7
    made["window"]["by_authors"] = [{**feeder.named({"Sun": 3})[0], "authors": 2}]
    return msgspec.convert({**made, "rising": listed}, Pane)


def test_a_list_comes_back_as_it_was_pushed_after_a_restart_too(open_history: Callable[[], History]) -> None:
    stored = open_history()
    panes = [pane(FROM_MS - 10_000, sample(FROM_MS)), pane(FROM_MS, rising(NOW_MS, missing_ms=5))]
    stored.store(panes)
    assert stored.read(0, MAX_TIME_MS).panes == panes
    stored.close()
    again = open_history()
    assert again.read(0, MAX_TIME_MS).panes == panes
    assert again.notice is None
    assert msgspec.to_builtins(panes[0].rising) == sample(FROM_MS)


def test_a_corrected_pane_without_a_list_keeps_the_one_that_it_had(open_history: Callable[[], History]) -> None:
    stored = open_history()
    stored.store([pane(listed=sample(NOW_MS))])
    stored.store([pane(posts={"Rain": 8})])
    stored.close()
    assert open_history().read(0, MAX_TIME_MS).panes == [pane(listed=sample(NOW_MS), posts={"Rain": 8})]


def test_a_corrected_pane_with_another_list_has_that_one(stored: History) -> None:
    for listed in (sample(NOW_MS), rising(NOW_MS)):
        stored.store([pane(listed=listed)])
    assert stored.read(0, MAX_TIME_MS).panes == [pane(listed=rising(NOW_MS))]


def test_a_pane_of_another_epoch_does_not_get_the_list(stored: History) -> None:
    stored.store([pane(listed=sample(NOW_MS))])
    stored.store([msgspec.structs.replace(pane(), epoch=2)])
    assert [one.rising is None for one in stored.read(0, MAX_TIME_MS).panes] == [False, True]


def test_a_file_of_before_there_were_lists_is_read_on(open_history: Callable[[], History], tmp_path: Path) -> None:
    # As the version before wrote it, checksums included.
    rows = [
        (1, FROM_MS - 20_000, FROM_MS - 10_000, 3, b"[]", NOW_MS - 9, None, 0x06367932),
        (1, FROM_MS - 10_000, FROM_MS, 3, b"[]", NOW_MS - 8, b'{"from_ms":1,"posts":2,"top":[]}', 0x2ED38E0C),
    ]
    with closing(sqlite3.connect(tmp_path / "history.sqlite")) as old, old:
        old.execute(
            "CREATE TABLE panes (epoch INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,"
            " posts INTEGER NOT NULL, kept_ms INTEGER NOT NULL, checksum INTEGER NOT NULL, top BLOB NOT NULL,"
            " window BLOB, PRIMARY KEY (from_ms, epoch)) WITHOUT ROWID"
        )
        old.execute("CREATE INDEX panes_by_age ON panes (kept_ms)")
        old.executemany(
            "INSERT INTO panes (epoch, from_ms, to_ms, posts, top, kept_ms, window, checksum)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        old.execute("PRAGMA user_version = 2")
    for _ in range(2):
        stored = open_history()
        assert stored.notice is None
        stored.store([pane(listed=sample(NOW_MS))])
        found = stored.read(0, MAX_TIME_MS).panes
        assert [(one.posts, one.rising is None) for one in found] == [(3, True), (3, True), (3, False)]
        assert [one.window and one.window.posts for one in found] == [None, 2, 9]
        stored.close()


def test_a_damaged_list_is_never_read(open_history: Callable[[], History], tmp_path: Path) -> None:
    stored = open_history()
    stored.store([pane(listed=sample(NOW_MS))])
    stored.close()
    file = tmp_path / "history.sqlite"
    compressed = zlib.compress(msgspec.json.encode(pane(listed=sample(NOW_MS)).rising))
    intact = file.read_bytes()
    at = intact.index(compressed) + len(compressed) // 2
    file.write_bytes(intact[:at] + bytes([intact[at] ^ 1]) + intact[at + 1 :])
    stored = open_history()
    assert stored.notice is not None
    assert stored.notice.startswith("the history was broken (a stored pane is damaged)")
    assert stored.read(0, MAX_TIME_MS).panes == []


def drawn(number: int, chance: random.Random) -> dict[str, Any]:
    """A pane of a busy time: full lists of tags, four topics of one or two tags, and eight rises held back."""
    tags = {f"SomeHashtag{chance.randrange(10_000):04}": 900 - place for place in range(50)}
    made = feeder.pane(NOW_MS + number * 10_000, tags, window=tags)
    for leader in made["window"]["top"]:
        leader["authors"] = chance.randrange(1, leader["posts"])
    made["window"] |= {"authors": 4_000, "by_authors": made["window"]["top"]}
    at_ms = made["to_ms"]

    def tag(place: int) -> dict[str, Any]:
        measured = {name: chance.random() * 9 for name in ("expected", "spread", "times", "score")}
        panes = [chance.randrange(60) for _ in range(30)]
        return rising_tag(f"Rising{place}of{number}", at_ms, chance.randrange(900), panes=panes) | measured

    topics = [[tag(place), tag(place + 10)][: 1 + place % 2] for place in range(4)]
    held = [held_back(f"Feed{place}", posts=chance.randrange(9_000)) for place in range(8)]
    return {**made, "rising": rising(at_ms, *topics, held=tuple(held))}


@pytest.mark.slow
def test_a_day_of_lists_fits_into_the_bound_of_the_file(stored: History, tmp_path: Path, record_property: Any) -> None:
    """A day of busy panes. Nothing is dropped for room."""
    chance = random.Random(5)
    for first in range(0, 8640, 60):
        stored.store([msgspec.convert(drawn(number, chance), Pane) for number in range(first, first + 60)])
    assert len(stored.index().panes()) == 8640
    stored.close()
    size = (tmp_path / "history.sqlite").stat().st_size
    record_property("bytes_of_a_pane", size / 8640)
    assert size < history.MAX_BYTES / 2
