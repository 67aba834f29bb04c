"""How long the dashboard holds sample posts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.dashboard.support import feeder, panel

from dashboard.snapshots.parse import parse_snapshot
from dashboard.snapshots.samples import FORGOTTEN_AFTER_MS, SNAPSHOTS_WITHOUT, HeldSamples

AT_MS = 1_795_176_007_000
FIRST, SECOND = panel.post(1, AT_MS, "Rain"), panel.post(2, AT_MS, "Rain", "Sun")


class Held:
    """Held samples and their clock."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.samples = HeldSamples(lambda: self.now_ms)

    def note(self, samples: dict[str, Any] | None = None, epoch: int = 1, pass_ms: int = 1000) -> None:
        self.now_ms += pass_ms
        body = feeder.snapshot({"Rain": 3}, AT_MS, epoch=epoch, samples=samples)
        self.samples.note(parse_snapshot(json.dumps(body).encode()))

    def offsets(self, key: str) -> list[int]:
        return [post.offset for post in self.samples.posts_of(key)]


@pytest.fixture
def held() -> Held:
    return Held()


def test_the_newest_samples_replace_all_before(held: Held) -> None:
    held.note(panel.samples(SECOND, FIRST))
    assert (held.offsets("rain"), held.offsets("sun"), held.offsets("snow")) == ([2, 1], [2], [])
    held.note(panel.samples(FIRST))
    assert (held.offsets("rain"), held.offsets("sun")) == ([1], [])


def test_a_snapshot_without_samples_changes_nothing(held: Held) -> None:
    held.note(panel.samples(FIRST))
    for _ in range(FORGOTTEN_AFTER_MS // 1000):
        held.note()
    assert held.offsets("rain") == [1]
    assert not held.samples.missing


def test_posts_are_gone_when_no_samples_come_with_the_snapshots(held: Held) -> None:
    held.note(panel.samples(FIRST))
    for _ in range(FORGOTTEN_AFTER_MS // 1000):
        held.note()
    held.note(pass_ms=1)
    assert held.offsets("rain") == []
    assert held.samples.missing
    held.note(panel.samples(SECOND))
    assert held.offsets("rain") == [2]


def test_another_epoch_has_its_own_samples(held: Held) -> None:
    held.note(panel.samples(FIRST))
    held.note(epoch=2)
    assert held.offsets("rain") == []
    assert held.samples.missing


def test_posts_are_gone_when_the_job_is_silent(held: Held) -> None:
    held.note(panel.samples(FIRST))
    held.now_ms += FORGOTTEN_AFTER_MS
    assert held.offsets("rain") == [1]
    held.now_ms += 1
    assert held.offsets("rain") == []
    assert held.samples.all() == []
    assert held.samples.missing


def test_posts_of_before_a_silence_do_not_come_back(held: Held) -> None:
    held.note(panel.samples(FIRST))
    held.note(pass_ms=FORGOTTEN_AFTER_MS + 1)
    assert held.offsets("rain") == []
    assert held.samples.missing


def test_a_job_that_sends_no_samples_takes_none(held: Held) -> None:
    found = []
    for _ in range(SNAPSHOTS_WITHOUT + 1):
        held.note()
        found.append(held.samples.is_off)
    assert found == [False] * SNAPSHOTS_WITHOUT + [True]
    held.note(panel.samples())
    assert (held.samples.is_off, held.samples.missing) == (False, False)
