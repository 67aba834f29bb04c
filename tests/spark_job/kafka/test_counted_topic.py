"""What readers of posts learn of counting a topic: up to when deletions are known, and which posts were deleted."""

from spark_job.executor.kafka_slices import CountedSlice
from spark_job.executor.topic_ends import Ends
from spark_job.kafka.counted_topic import Counted, CountedTopic
from spark_job.kafka.topic_watch import Asked

ENDS = Ends("kafka:a", {0: 5, 1: 3}, {0: 1, 1: 0})


class Rig:
    """A topic whose clock is the test's."""

    def __init__(self) -> None:
        self.now_ms, self.number, self.missed = 1_000, 0, 0
        self.deleted: list[str] = []
        self.topic = CountedTopic(lambda: self.now_ms)
        self.topic.on_deleted(self.deleted.extend, self.miss)

    def miss(self) -> None:
        self.missed += 1

    def ask(self, ends: dict[int, int], log: str = "kafka:a", after_ms: int = 1_000) -> None:
        self.now_ms += after_ms
        self.number += 1
        self.topic.note_asked(Asked(self.number, Ends(log, ends, {0: 2, 1: 0}), 0, None))


def test_before_counting_begins_nothing_is_known() -> None:
    rig = Rig()
    rig.ask({0: 5})
    rig.topic.note_positions({0: 5})
    assert rig.topic.latest is None


def test_deletions_are_known_up_to_the_last_answer_whose_ends_are_all_counted() -> None:
    rig = Rig()
    rig.topic.begin(ENDS, {0: 1, 1: 0})
    assert rig.topic.latest == Counted("kafka:a", {0: 1, 1: 0}, {0: 1, 1: 0}, 1_000, None)
    rig.ask({0: 5, 1: 3})
    rig.ask({0: 9, 1: 3})
    rig.topic.note_positions({0: 5, 1: 2})
    assert rig.topic.latest == Counted("kafka:a", {0: 5, 1: 2}, {0: 2, 1: 0}, 3_000, None)
    rig.topic.note_positions({0: 8, 1: 3})
    assert rig.topic.latest.complete_ms == 2_000
    rig.topic.note_positions({0: 9, 1: 3})
    assert rig.topic.latest.complete_ms == 3_000
    # While nothing is written, each answer says that all is counted.
    rig.ask({0: 9, 1: 3})
    assert (rig.topic.latest.complete_ms, rig.topic.latest.asked_ms) == (4_000, 4_000)


def test_answers_of_another_topic_say_nothing() -> None:
    rig = Rig()
    rig.topic.begin(ENDS, {0: 5, 1: 3})
    rig.ask({0: 0}, log="kafka:b")
    assert rig.topic.latest == Counted("kafka:a", {0: 5, 1: 3}, {0: 1, 1: 0}, 1_000, None)


def test_the_ids_of_deleted_posts_are_told_and_remembered() -> None:
    rig = Rig()
    rig.topic.begin(ENDS, {0: 5, 1: 3})
    rig.topic.note_slices([CountedSlice(0, 5, 7, deleted=2, deleted_ids=("x:1", "x:2")), CountedSlice(1, 3, 4)])
    assert (rig.deleted, rig.missed) == (["x:1", "x:2"], 0)
    assert (rig.topic.is_deleted("x:2"), rig.topic.is_deleted("x:3")) == (True, False)
    # More than a task can name.
    rig.topic.note_slices([CountedSlice(0, 7, 99, deleted=3, deleted_ids=("x:3",))])
    assert (rig.deleted, rig.missed) == (["x:1", "x:2", "x:3"], 1)
    rig.topic.begin(ENDS, {0: 5, 1: 3})
    assert not rig.topic.is_deleted("x:2")
