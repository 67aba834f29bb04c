"""How many snapshots are held."""

from __future__ import annotations

import json
import random

import pytest
from tests.dashboard.support import feeder

from dashboard.snapshots import recent
from dashboard.snapshots.latest import Shown
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
        held.note(shown(seq))
    for seq in (3, 3, 1, 5):
        assert held.find((1, seq)).window == shown(seq).snapshot.window


def test_the_bytes_of_all_snapshots_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "MAX_BYTES", 40_000)
    held = RecentSnapshots(lambda: 0)
    for seq in range(1, 101):
        held.note(shown(seq, tags=50))
    assert held.find((1, 100)).seq == 100
    with pytest.raises(NotHeldError) as caught:
        held.find((1, 1))
    assert caught.value.is_old
    assert held._bytes <= 40_000
