"""Micro-batches of a topic are planned so that no partition waits for another, and no task for another."""

import pytest

from spark_job.executor.kafka_slices import KafkaSlice, end_of_batch, tasks_of


def test_a_small_micro_batch_has_all_that_is_there() -> None:
    assert end_of_batch({0: 5, 1: 7}, {0: 9, 1: 7}, 100) == {0: 9, 1: 7}


def test_partitions_share_a_full_micro_batch_and_one_with_little_leaves_its_room_to_the_others() -> None:
    assert end_of_batch({0: 0, 1: 0, 2: 10}, {0: 1000, 1: 20, 2: 1010}, 100) == {0: 40, 1: 20, 2: 50}


def test_a_partition_that_was_added_begins_at_0() -> None:
    assert end_of_batch({0: 5}, {0: 5, 1: 3}, 100) == {0: 5, 1: 3}


def test_a_partition_without_room_stays_where_it_is() -> None:
    assert end_of_batch({0: 5, 1: 5}, {0: 6, 1: 9}, 1) == {0: 5, 1: 6}


def test_few_messages_of_many_partitions_are_one_task() -> None:
    tasks = tasks_of(dict.fromkeys(range(8), 0), dict.fromkeys(range(8), 3), 2, 100)
    assert tasks == [[KafkaSlice(each, 0, 3) for each in range(8)]]


def test_tasks_have_about_equal_length_and_one_slice_of_a_partition() -> None:
    assert tasks_of({0: 10, 1: 0}, {0: 110, 1: 100}, 3, 10) == [
        [KafkaSlice(0, 10, 77)],
        [KafkaSlice(0, 77, 110), KafkaSlice(1, 0, 34)],
        [KafkaSlice(1, 34, 100)],
    ]


def test_nothing_is_no_task() -> None:
    assert tasks_of({0: 5}, {0: 5}, 2, 1) == []


@pytest.mark.parametrize("most_tasks", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("lengths", [(1,), (5, 0, 9), (1000, 1, 1), (7, 7, 7, 7, 7)])
def test_each_offset_is_in_one_task(most_tasks: int, lengths: tuple[int, ...]) -> None:
    tasks = tasks_of({}, dict(enumerate(lengths)), most_tasks, 2)
    found = [(each.partition, offset) for task in tasks for each in task for offset in range(each.start, each.end)]
    assert sorted(found) == [(each, offset) for each, length in enumerate(lengths) for offset in range(length)]
    assert len(tasks) <= most_tasks
    for task in tasks:
        assert len({each.partition for each in task}) == len(task)
