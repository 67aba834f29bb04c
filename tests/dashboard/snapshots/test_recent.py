"""How many snapshots are held."""

from __future__ import annotations

import contextlib
import json
import random

import pytest
from tests.dashboard.support import feeder

from dashboard.snapshots import recent
from dashboard.snapshots.latest import Latest, Shown
from dashboard.snapshots.parse import parse_snapshot, public_body
from dashboard.snapshots.recent import NotHeldError, RecentSnapshots

AT_MS = 1_795_176_007_000


def shown(seq: int, tags: int = 3) -> Shown:
    chance = random.Random(seq)
    posts = {f"Tag{chance.randrange(1 << 60)}": 1000 - number for number in range(tags)}
    body = json.dumps(feeder.snapshot(posts, AT_MS, seq)).encode()
    return Shown(parse_snapshot(body), public_body(body), None)


def test_a_held_snapshot_is_as_it_was_pushed() -> None:
    held = RecentSnapshots(lambda: 0)
    for seq in range(1, 6):
        held.hold(shown(seq))
    for seq in (3, 3, 1, 5):
        assert held.find((1, seq)).window == shown(seq).snapshot.window


def test_the_bytes_of_all_snapshots_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "MAX_BYTES", 40_000)
    held = RecentSnapshots(lambda: 0)
    for seq in range(1, 101):
        held.hold(shown(seq, tags=50))
    assert held.find((1, 100)).seq == 100
    with pytest.raises(NotHeldError):
        held.find((1, 1))
    assert held._bytes <= 40_000


def test_only_a_snapshot_that_somebody_has_read_is_held() -> None:
    held = RecentSnapshots(lambda: 0)
    latest = Latest(hold=held.hold)
    read = {2, 3}
    for seq in range(1, 6):
        body = json.dumps(feeder.snapshot({"Rain": seq}, AT_MS, seq)).encode()
        latest.offer(parse_snapshot(body), body)
        if seq in read:
            assert latest.shown is not None
    found = set()
    for seq in range(1, 6):
        with contextlib.suppress(NotHeldError):
            found.add(held.find((1, seq)).seq)
    assert found == read
