"""The live connection: each snapshot in order, also after the stream was away."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from tests.dashboard.conftest import TOKEN
from tests.dashboard.support import feeder
from tests.notebooks.conftest import AT_MS
from tests.processes import wait_until

from hashtags import Snapshot, Stream, attach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.dashboard.conftest import Dashboard
    from tests.dashboard.support.sample_stream import SampleStream


def push(dashboard: Dashboard, sample: SampleStream, seconds: int) -> None:
    feeder.push(dashboard.url, TOKEN, sample.snapshot(AT_MS + 1000 * seconds))


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("hashtags-")}


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    yield
    assert threads() == set()


def test_each_new_snapshot_is_followed(dashboard: Dashboard, sample: SampleStream, stream: Stream) -> None:
    followed: list[Snapshot] = []
    for snapshot in stream.follow(count=3):
        followed.append(snapshot)
        push(dashboard, sample, len(followed))
    assert [round((one.to - followed[0].to).total_seconds()) for one in followed] == [0, 1, 2]
    assert followed[2].posts == followed[2].raw["posts"]
    assert list(followed[2].top["hashtag"]) == [leader.hashtag for leader in followed[2].leaders[:10]]
    assert followed[2].leaders[0].posts > followed[0].leaders[0].posts


@pytest.mark.usefixtures("sample")
def test_following_ends_after_its_seconds(dashboard: Dashboard) -> None:
    clock, followed = [0.0], 0
    with attach(dashboard.url, monotonic=lambda: clock[0]) as stream:
        for _ in stream.follow(seconds=60):
            followed += 1
            # The second snapshot never comes. A busy machine needs seconds for the first.
            clock[0] += 59.5
    assert followed == 1


def test_another_view_can_be_followed(dashboard: Dashboard, sample: SampleStream, stream: Stream) -> None:
    (snapshot,) = stream.follow(count=1, lang="es")
    assert snapshot.view.lang == "es"
    assert snapshot.posts == stream.leaders(lang="es").attrs["posts"]


def test_a_stream_that_was_away_is_followed_again_by_itself(
    dashboard: Dashboard, sample: SampleStream, stream: Stream
) -> None:
    snapshots = stream.follow(seconds=60)
    first = next(snapshots)
    dashboard.kill()
    dashboard.start()
    push(dashboard, sample, 30)
    second = next(snapshots)
    assert (second.to - first.to).total_seconds() == 30
    snapshots.close()  # type: ignore[attr-defined]  # a generator


def test_closing_the_stream_ends_who_waits_for_it(dashboard: Dashboard, sample: SampleStream) -> None:
    stream = attach(dashboard.url)
    seen: list[Snapshot] = []
    reader = threading.Thread(target=lambda: seen.extend(stream.follow()))
    reader.start()
    wait_until(lambda: "hashtags-feed" in threads(), "a connection", 30)
    stream.close()
    reader.join(30)
    assert not reader.is_alive()
    assert len(seen) <= 1
