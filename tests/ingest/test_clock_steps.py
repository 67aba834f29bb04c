"""An ingest whose wall clock is set while it runs."""

import os
import time
from pathlib import Path

import pytest
from tests.protocol.peer import Peer

from ingest import settings
from ingest.service import Service

DAY_MS = 86_400_000


class SetWall:
    """The wall clock with an error that the test sets."""

    off_ms = 0

    def __call__(self) -> int:
        return time.time_ns() // 1_000_000 + self.off_ms


@pytest.mark.parametrize("step_ms", [-3_600_000, 365 * DAY_MS], ids=["an hour back", "a year forward"])
def test_posts_are_still_stored_and_served_when_the_clock_is_set(tmp_path: Path, step_ms: int) -> None:
    os.mkfifo(tmp_path / "pipe")
    loaded = settings.load(
        source="replay", replay_file=str(tmp_path / "pipe"), replay_speed=0, ingest_port=0, tail_port=0
    )
    wall = SetWall()
    service = Service(loaded, tmp_path / "spool", wall_ms=wall, monotonic_seconds=time.monotonic)
    service.start()
    try:
        with (tmp_path / "pipe").open("wb", buffering=0) as pipe:
            peer = Peer("127.0.0.1", *service.ports, lambda data: _write(pipe.fileno(), data))
            with peer.connect() as connection, peer.tail() as tail:
                for number, off_ms in enumerate((0, step_ms, 0)):
                    wall.off_ms = off_ms
                    peer.send_posts({"id": str(number), "text": str(number)})
                    status = connection.wait_for_end(number + 1)
                    assert abs(status["watermark_ms"] - wall()) < 60_000
                posts = connection.posts(0, 9)
                # It may have come after these posts.
                more = peer.send_until_tailed(tail, ({"id": f"more {each}", "text": ""} for each in range(30)))
                tailed = [tail.response()]
                while tailed[-1]["offset"] < 2 + more:
                    tailed.append(tail.response())
                assert tailed == connection.posts(tailed[0]["offset"], 3 + more)
        times_ms = [post["at_ms"] for post in posts]
        assert [post["text"] for post in posts] == ["0", "1", "2"]
        assert abs(times_ms[1] - times_ms[0] - step_ms) < 60_000
        assert abs(times_ms[2] - times_ms[0]) < 60_000
    finally:
        service.close()


def _write(descriptor: int, data: bytes) -> None:
    assert os.write(descriptor, data) == len(data)
