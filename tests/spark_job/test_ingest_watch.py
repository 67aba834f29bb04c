import logging
from collections.abc import Iterator

import pytest
from tests.spark_job.conftest import T
from tests.spark_job.support.fake_ingest import FakeIngest, post

from spark_job.executor.ingest_client import IngestClient
from spark_job.ingest_watch import IngestWatch
from spark_job.snapshot_schema import Ingest


class Clock:
    now_ms = T

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(ingest: FakeIngest, clock: Clock) -> Iterator[IngestWatch]:
    ingest.append(post([], T), post([], T), post([], T))
    # Ingest is a thread of this process, which may stand still for seconds.
    with IngestClient("127.0.0.1", ingest.port, 30.0) as client:
        yield IngestWatch(client, clock)


def test_before_the_first_look_nothing_is_known(watch: IngestWatch) -> None:
    assert watch.latest == Ingest(reachable=False, since_ms=T, error="not requested yet", status=None)


def test_a_look_keeps_the_status_and_since_when_it_answers(
    watch: IngestWatch, ingest: FakeIngest, clock: Clock
) -> None:
    clock.now_ms += 5
    seen = watch.poll()
    assert (seen.reachable, seen.since_ms, seen.error) == (True, T + 5, None)
    clock.now_ms += 5
    ingest.append(post([], T + 9))
    seen = watch.poll()
    assert seen.since_ms == T + 5
    assert seen.status is not None
    assert (seen.status["end"], seen.status["watermark_ms"]) == (4, T + 9)
    assert watch.latest is seen


def test_an_ingest_that_is_away_keeps_its_last_status_and_says_since_when(
    watch: IngestWatch, ingest: FakeIngest, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        watch.poll()
        ingest.leave()
        for _ in range(3):
            clock.now_ms += 1_000
            seen = watch.poll()
        assert (seen.reachable, seen.since_ms) == (False, T + 1_000)
        assert seen.error is not None
        assert seen.error == f"nothing listens at 127.0.0.1:{ingest.port}"
        assert seen.status is not None
        assert seen.status["end"] == 3
        ingest.come_back()
        clock.now_ms += 1_000
        seen = watch.poll()
    assert (seen.reachable, seen.since_ms, seen.error) == (True, T + 4_000, None)
    assert [message.partition(":")[0] for message in caplog.messages] == [
        "ingest answers",
        "ingest can't be reached",
        "ingest answers",
    ]


def test_an_answer_outside_the_contract_is_told_as_the_error(watch: IngestWatch, ingest: FakeIngest) -> None:
    ingest.wrong_answers.append(b'{"hello": 1}\n')
    seen = watch.poll()
    assert (seen.reachable, seen.error) == (False, "ingest's answer to STATUS has no log of type str")


def test_what_is_counted_is_acknowledged_once(watch: IngestWatch, ingest: FakeIngest) -> None:
    watch.poll()
    watch.ack("log-a", 2)
    watch.poll()
    watch.ack("log-a", 2)
    assert ingest.acked == 2
    assert ingest.requests == ["STATUS", "ACK log-a 2", "STATUS"]


def test_nothing_is_acknowledged_to_another_log_or_to_an_ingest_that_is_away(
    watch: IngestWatch, ingest: FakeIngest
) -> None:
    watch.ack("log-a", 2)
    watch.poll()
    watch.ack("log-b", 2)
    ingest.leave()
    watch.poll()
    watch.ack("log-a", 2)
    assert ingest.requests == ["STATUS"]


def test_a_refused_acknowledgement_is_told_and_logged_once_until_one_is_taken(
    watch: IngestWatch, ingest: FakeIngest, caplog: pytest.LogCaptureFixture
) -> None:
    watch.poll()
    for _ in range(3):
        watch.ack("log-a", 100)
        seen = watch.poll()
    refusal = "ingest refused ACK: no such request: ACK log-a 100"
    assert (seen.reachable, seen.error) == (True, refusal)
    assert ingest.acked == 0
    assert caplog.messages == [f"ingest refused the acknowledgement of 100: {refusal}"]
    watch.ack("log-a", 2)
    assert watch.poll().error is None
    assert ingest.acked == 2


def test_a_refused_acknowledgement_of_a_log_that_is_gone_is_no_error(watch: IngestWatch, ingest: FakeIngest) -> None:
    ingest.append(post([], 1_000))
    log = ingest.log
    watch.poll()
    ingest.replace_log("log-b")
    watch.ack(log, 1)
    seen = watch.poll()
    assert (seen.reachable, seen.error) == (True, None)
