"""Which faults ingest does, for whom, and when it refuses."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.ingest.conftest import ManualClock

from ingest import settings
from ingest.pipeline import IngestPipeline
from ingest.posts.post import SourcePost
from ingest.serve.faults import FaultDone, FaultRefusedError, Faults, SentPost
from ingest.sources.demo.lesson import LessonPosts, NoPostError, Wish


class FakePosts(LessonPosts):
    """A demo that has the requested posts at once."""

    def __init__(self) -> None:
        super().__init__()
        self.error: str | None = None

    def request(self, wish: Wish, number: int, wants: object) -> list[SourcePost]:
        if self.error:
            raise NoPostError(self.error)
        return [SourcePost(id=f"{wish}-{number}", text="", source="demo", created_at="1970-01-01T00:00:00Z")]


@pytest.fixture
def connection() -> Iterator[socket.socket]:
    with socket.socket() as connection:
        yield connection


@pytest.fixture
def posts() -> FakePosts:
    return FakePosts()


@pytest.fixture
def faults(posts: FakePosts, manual_clock: ManualClock) -> Faults:
    return Faults(posts, lambda _: True, lambda _: 5, manual_clock.wall_ms)


NOW_MS = ManualClock().wall_ms()


def refusal(faults: Faults, connection: socket.socket, name: str, number: int) -> str:
    with pytest.raises(FaultRefusedError) as refused:
        faults.begin(name, number, connection)
    return str(refused.value)


def test_each_fault_says_what_it_has_done(faults: Faults, connection: socket.socket) -> None:
    done = [
        faults.begin(name, NOW_MS + place, connection)
        for place, name in enumerate(["stop-spark", "kill-python", "cut-socket", "same-post", "wrong-clock"])
    ]
    sent = [
        SentPost(f"{name}-{NOW_MS + place}", "1970-01-01T00:00:00Z")
        for place, name in ((3, "same-post"), (4, "wrong-clock"))
    ]
    assert done == [
        FaultDone("stop-spark", NOW_MS),
        FaultDone("kill-python", NOW_MS + 1),
        FaultDone("cut-socket", NOW_MS + 2, connections=5),
        FaultDone("same-post", NOW_MS + 3, sent=sent[:1]),
        FaultDone("wrong-clock", NOW_MS + 4, sent=sent[1:]),
    ]


def test_a_request_can_not_be_repeated_now_or_later(
    faults: Faults, posts: FakePosts, manual_clock: ManualClock, connection: socket.socket
) -> None:
    faults.begin("cut-socket", NOW_MS, connection)
    assert refusal(faults, connection, "cut-socket", NOW_MS) == (
        "the number of a FAULT must be greater than that of the one before"
    )
    manual_clock.pass_ms(60_001)
    after_a_restart = Faults(posts, lambda _: True, lambda _: 5, manual_clock.wall_ms)
    for number in (NOW_MS, NOW_MS + 120_002):
        assert refusal(after_a_restart, connection, "cut-socket", number) == (
            "the number of a FAULT must be a time of the last minute, by ingest's clock"
        )


def test_what_is_not_possible_is_refused_and_may_be_requested_again(
    faults: Faults, posts: FakePosts, connection: socket.socket
) -> None:
    assert refusal(faults, connection, "burn-house", NOW_MS) == "there is no fault 'burn-house'"
    posts.error = "the demo sends no posts now"
    assert refusal(faults, connection, "same-post", NOW_MS) == "the demo sends no posts now"
    posts.error = None
    assert faults.begin("same-post", NOW_MS, connection).number == NOW_MS


@pytest.mark.parametrize(
    ("given", "is_allowed"),
    [
        ({"source": "demo", "lesson_faults": 1}, True),
        ({"source": "demo"}, False),
        ({"source": "demo,bluesky", "lesson_faults": 1}, False),
        ({"source": "bluesky", "lesson_faults": 1}, False),
    ],
)
def test_only_the_demo_alone_may_be_disturbed_and_only_with_the_setting(
    tmp_path: Path, manual_clock: ManualClock, given: dict[str, object], is_allowed: bool
) -> None:
    pipeline = IngestPipeline(
        settings.load(**given),
        tmp_path / "spool",
        wall_ms=manual_clock.wall_ms,
        monotonic_seconds=manual_clock.monotonic_seconds,
    )
    try:
        assert (Faults.of_lesson(pipeline, lambda _: 0) is not None) == is_allowed
        facts = [source.facts().get("lesson_faults") for source in pipeline.sources]
        assert (facts == [1]) == is_allowed
    finally:
        pipeline.spool.close()
