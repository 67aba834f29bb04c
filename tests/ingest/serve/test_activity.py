import socket
from collections.abc import Iterator

import pytest

from ingest.serve.activity import SPARE_SECONDS, Activity


class Clock:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def pairs() -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    made = [socket.socketpair() for _ in range(3)]
    yield made
    for pair in made:
        for end in pair:
            end.close()


def test_the_connection_that_was_unused_for_the_longest_time_is_closed(
    pairs: list[tuple[socket.socket, socket.socket]],
) -> None:
    clock = Clock()
    activity = Activity(clock)
    for mine, _ in pairs:
        activity.record(mine)
        clock.seconds += 1
    activity.record(pairs[0][0])
    clock.seconds += SPARE_SECONDS
    assert activity.close_unused() is pairs[1][0]
    assert pairs[1][1].recv(1) == b""
    assert activity.close_unused() is pairs[2][0]


def test_no_connection_is_closed_that_was_just_used_or_has_ended(
    pairs: list[tuple[socket.socket, socket.socket]],
) -> None:
    clock = Clock()
    activity = Activity(clock)
    assert activity.close_unused() is None
    for mine, _ in pairs:
        activity.record(mine)
    clock.seconds += SPARE_SECONDS / 2
    assert activity.close_unused() is None
    clock.seconds += SPARE_SECONDS
    for mine, _ in pairs:
        activity.forget(mine)
    assert activity.close_unused() is None
