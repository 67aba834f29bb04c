"""10,000 posts from an X that fails in every possible way: each is in the spool once."""

import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from tests.ingest.conftest import ManualClock, OpenSpool
from tests.ingest.servers import x_responses, x_server
from tests.ingest.servers.x_responses import Answer, line
from tests.ingest.servers.x_server import KEEP_ALIVE, TOKEN, Wire, XServer
from tests.ingest.sources.x.client import NOON_MS

from ingest.intake.dedup import Deduplicator
from ingest.intake.intake import Intake
from ingest.intake.source_runner import SourceRunner
from ingest.intake.upkeep import Upkeep
from ingest.log_throttle import LogThrottle
from ingest.posts import filter as post_filter
from ingest.posts.filter import Filter
from ingest.sources.x import stream as x_stream
from ingest.sources.x.source import X
from ingest.spool.spool import Spool

# They wait for clocks.
pytestmark = pytest.mark.slow


POSTS = 10_000
POSTS_A_TURN = 400


class HastyStop(threading.Event):
    """A stop event whose `wait` is short; it records the requested times."""

    def __init__(self) -> None:
        super().__init__()
        self.waited_seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited_seconds.append(timeout or 0)
        return super().wait(0.001)


class Trouble:
    """Delivers all posts over many connections, each of which ends in another way.

    A post that was on its way when a connection was cut is delivered again, with some of those before it.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.next = 0
        self.delivered: Counter[int] = Counter()
        self.finished = threading.Event()

    def turns(self) -> Iterator[x_server.Turn | Answer]:
        endings = [self.ends, self.cut_in_line, self.cut_in_character, self.garbage, self.problem, self.endless]
        refusals = [
            x_responses.too_many_requests(NOON_MS // 1000 + 300),
            x_responses.UNAVAILABLE,
            x_responses.NO_RULES,
            x_responses.TOO_MANY_CONNECTIONS,
        ]
        for ending in itertools.cycle([*endings, self.silent]):
            yield ending
            yield self.random.choice(refusals)
            if self.next == POSTS:
                break
        yield self.over

    def posts(self, wire: Wire) -> None:
        """Return the next posts in random order, with some earlier ones."""
        first = max(0, self.next - self.random.randrange(30))
        self.next = min(POSTS, self.next + POSTS_A_TURN)
        numbers = list(range(first, self.next))
        for start in range(0, len(numbers), 10):
            batch = numbers[start : start + 10]
            self.random.shuffle(batch)
            self.deliver(wire, batch)
        wire.send(KEEP_ALIVE)

    def deliver(self, wire: Wire, numbers: list[int]) -> None:
        wire.send(b"".join(line(number, "größer #not", "Größe") for number in numbers))
        self.delivered.update(numbers)

    def ends(self, wire: Wire) -> None:
        self.posts(wire)
        wire.end()

    def cut_in_line(self, wire: Wire) -> None:
        self.posts(wire)
        wire.cut(line(self.next, "größer")[:30])

    def cut_in_character(self, wire: Wire) -> None:
        self.posts(wire)
        cut = line(self.next, "größer")
        wire.cut(cut[: cut.index("ö".encode()) + 1])

    def garbage(self, wire: Wire) -> None:
        wire.send(b"\x00\xff garbage\r\n")
        self.posts(wire)
        wire.send(b"{}\r\n")
        wire.end()

    def problem(self, wire: Wire) -> None:
        self.posts(wire)
        wire.send(Answer(200, x_responses.DISCONNECTED).raw() + b"\r\n")
        wire.end()

    def endless(self, wire: Wire) -> None:
        self.posts(wire)
        while not wire.gone.is_set() and not wire.closing.is_set():
            wire.send(b"x" * 2**18)

    def silent(self, wire: Wire) -> None:
        self.posts(wire)
        wire.silence()

    def over(self, wire: Wire) -> None:
        """Note that the client has reconnected: it has read everything that was sent before."""
        self.finished.set()
        wire.silence()


class Work:
    """Ingest, from the source to the spool."""

    def __init__(self, server: XServer, spool: Spool, manual_clock: ManualClock) -> None:
        self.stop = HastyStop()
        self.x = X(
            TOKEN,
            terms=post_filter.parse("größer"),
            languages=[],
            daily_limit=10**6,
            price_per_post_usd=0.005,
            wall_ms=manual_clock.wall_ms,
            stop=self.stop,
            # A connection that is given up although X was only slow would lose the posts that were on their way.
            silence_seconds=5,
            adapter=server.adapter,
        )
        throttle = LogThrottle(60, manual_clock.monotonic_seconds)
        self.intake = Intake(
            spool,
            Upkeep(spool, time.monotonic, throttle),
            Filter(),
            Deduplicator(),
            limit=None,
            monotonic_seconds=time.monotonic,
            throttle=throttle,
        )
        self.intake.start({}, [self.x])
        may_start = threading.Event()
        may_start.set()
        self.runner = SourceRunner(
            self.x,
            self.intake,
            wall_ms=manual_clock.wall_ms,
            random=lambda: 0.0,
            stop=self.stop,
            may_start=may_start,
            on_end=lambda _: None,
        )

    def close(self) -> None:
        self.stop.set()
        self.runner.join(60)
        self.intake.stop()


def test_each_post_is_spooled_exactly_once(
    open_spool: OpenSpool, manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Here X's posts are not lost because a disk is slow.
    monkeypatch.setattr(x_stream, "FULL_QUEUE_SECONDS", 60.0)
    manual_clock.wall = NOON_MS
    spool = open_spool()
    trouble = Trouble(Random(1))
    with x_server.serving() as server:
        server.next_turn = trouble.turns()
        work = Work(server, spool, manual_clock)
        work.runner.start()
        assert trouble.finished.wait(200)
        work.close()
    with spool.reader() as reader:
        lines = [each for run in reader.lines(reader.range(0, spool.end)) for each in run.splitlines()]
    spooled = Counter(int(json.loads(each)["id"].removeprefix("x:")) - 10**18 for each in lines)
    assert spooled == Counter(range(POSTS))
    assert set(trouble.delivered) == set(range(POSTS))

    progress = work.intake.progress("x")
    deliveries = trouble.delivered.total()
    malformed = progress.malformed
    assert set(malformed) == {"not JSON", "not UTF-8", "wrong shape", "message of an error", "longer than 1 MiB"}
    assert progress.accepted == POSTS
    assert progress.duplicate == deliveries - POSTS
    billed = deliveries + sum(malformed.values()) - malformed["message of an error"]
    assert work.x.facts()["billed_today"] == billed
    assert progress.cursor == f"2026-11-20 {billed}"
    assert {300.0, 60.0} <= set(work.stop.waited_seconds)
