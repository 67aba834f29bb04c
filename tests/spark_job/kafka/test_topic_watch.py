"""What is known of the topic is there at once, whatever the broker does."""

from collections.abc import Mapping

from spark_job.executor.kafka_errors import BrokerError
from spark_job.executor.topic_ends import Ends
from spark_job.ingest_watch import not_requested_yet
from spark_job.kafka.topic_watch import Asked, TopicWatch
from spark_job.snapshot_schema import Ingest

T = 1_795_176_000_000
ENDS = Ends("kafka:a", {0: 5}, {0: 0})


class Answers:
    """A broker that gives these answers, for errors that a real one can't be made to give at the right moment."""

    def __init__(self, *answers: Ends | BrokerError) -> None:
        self.answers = [*answers]
        self.commits: list[tuple[str, Mapping[int, int]]] = []
        self.refuses = False

    def ask(self, *, begins: bool = False) -> Ends:
        assert begins
        answer = self.answers.pop(0)
        if isinstance(answer, BrokerError):
            raise answer
        return answer

    def commit(self, group: str, positions: Mapping[int, int]) -> None:
        self.commits.append((group, positions))

    def commit_failed(self) -> bool:
        return self.refuses


class Rig:
    """A watch whose clock is the test's."""

    def __init__(self, *answers: Ends | BrokerError, ingest: Ingest | None = None) -> None:
        self.now_ms, self.ingest = T, ingest or not_requested_yet(T)
        self.broker = Answers(*answers)
        self.watch = TopicWatch(lambda: self.broker, "tools", lambda: self.ingest, lambda: self.now_ms, 1.0)

    def ask(self, after_ms: int = 0) -> Asked:
        self.now_ms += after_ms
        self.watch.ask()
        return self.watch.latest


def test_without_ingest_the_clock_of_the_job_decides_a_second_later() -> None:
    rig = Rig(*[ENDS] * 4)
    assert rig.ask() == Asked(1, ENDS, 0, None)
    assert rig.ask(999) == Asked(2, ENDS, 0, None)
    assert rig.ask(1) == Asked(3, ENDS, T - 2_000, None)
    assert rig.ask(1_000).at_ms == T + 1_000 - 2_000


def test_ingest_says_its_time_if_it_writes_this_topic() -> None:
    status = {"log": "kafka:a", "first": 0, "end": 5, "acked": 0, "watermark_ms": T - 7}
    for log, at_ms in (("kafka:a", T - 7), ("kafka:b", T - 2_000)):
        known = status | {"log": log}
        rig = Rig(ENDS, ENDS, ingest=Ingest(reachable=True, since_ms=T, error=None, status=known))  # type: ignore[arg-type]
        rig.ask()
        assert rig.ask(1_000).at_ms == at_ms


def test_an_empty_topic_may_begin_with_posts_of_any_time() -> None:
    empty = Ends("kafka:a", {0: 0, 1: 0}, {0: 0, 1: 0})
    status = {"log": "kafka:a", "first": 0, "end": 0, "acked": 0, "watermark_ms": T}
    known = Ingest(reachable=True, since_ms=T, error=None, status=status)  # type: ignore[arg-type]
    rig = Rig(empty, empty, ENDS, ENDS, ingest=known)
    assert [rig.ask(1_000).at_ms for _ in range(4)] == [0, 0, 0, T]


def test_a_time_of_another_topic_says_nothing() -> None:
    rig = Rig(ENDS, Ends("kafka:b", {0: 1}, {0: 0}))
    rig.ask()
    assert rig.ask(1_000).at_ms == 0


def test_an_error_is_one_sentence_and_the_last_answer_stays() -> None:
    rig = Rig(ENDS, BrokerError("no broker of Kafka can be reached"), ENDS)
    rig.ask()
    assert rig.ask() == Asked(1, ENDS, 0, "no broker of Kafka can be reached")
    assert rig.ask() == Asked(2, ENDS, 0, None)


def test_the_position_is_told_to_the_group_once() -> None:
    rig = Rig(ENDS, ENDS, ENDS)
    rig.ask()
    rig.watch.note_counted({0: 3})
    rig.ask()
    rig.ask()
    assert rig.broker.commits == [("tools", {0: 3})]


def test_a_position_that_the_broker_has_not_stored_is_told_again() -> None:
    rig = Rig(*[ENDS] * 4)
    rig.watch.note_counted({0: 3})
    rig.ask()
    rig.broker.refuses = True
    rig.ask(5_000)
    rig.broker.refuses = False
    rig.ask(5_000)
    rig.ask(5_000)
    assert rig.broker.commits == [("tools", {0: 3})] * 2
