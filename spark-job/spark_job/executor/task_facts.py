"""What a task says about itself: where and when it ran, and which posts it counted.

The facts are the metadata of the message with its counts. So a version of this package that knows nothing of them
ignores them, and one that looks for them does without. To note them costs microseconds.

It runs on executors, so it imports pyarrow and the standard library only.
"""

import json
import os
import socket
import time
from collections.abc import Callable
from typing import NamedTuple

import pyarrow as pa

#: The name of the facts in the metadata.
KEY = b"spark_job.task"


class TaskFacts(NamedTuple):
    """A task that has counted.

    Args:
        host: The name of its machine.
        daemon: The process of Spark's Python daemon, one for each executor.
        process: The process that counted.
        first_offset: Where its posts begin.
        end_offset: Where they end.
        posts: How many of them were counted.
        began_ms: When it began, by the clock of its machine.
        ended_ms: When it had counted.
        planned_ms: When the driver began to plan the micro-batch and when it had planned it. None: it does not say.

    """

    host: str
    daemon: int
    process: int
    first_offset: int
    end_offset: int
    posts: int
    began_ms: int
    ended_ms: int
    planned_ms: "tuple[int, int] | None"


def wall_ms() -> int:
    """The time of day in ms since 1970."""
    return time.time_ns() // 1_000_000


class TaskNotes:
    """Notes the facts of the running task. `posts`: how many posts it has counted by now."""

    def __init__(
        self,
        offsets: "tuple[int, int]",
        planned_ms: "tuple[int, int] | None",
        now_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self.posts = 0
        self._offsets = offsets
        self._planned_ms = planned_ms
        self._now_ms = now_ms
        self._began_ms = now_ms()

    def facts(self) -> TaskFacts:
        """What is to be said now, when the task has counted."""
        ended_ms = max(self._began_ms, self._now_ms())
        process = (socket.gethostname(), os.getppid(), os.getpid())
        return TaskFacts(*process, *self._offsets, self.posts, self._began_ms, ended_ms, self._planned_ms)


def with_facts(counts: pa.Table, facts: TaskFacts) -> pa.Table:
    """The counts of a task, with its facts."""
    return counts.replace_schema_metadata({**(counts.schema.metadata or {}), KEY: json.dumps(facts)})


def facts_of(messages: pa.Table) -> "list[TaskFacts]":
    """The facts of the tasks that have sent these messages, those that are there and can be read."""
    found = [_facts_in(message.as_buffer()) for message in messages["counts"]]
    return [facts for facts in found if facts is not None]


def _facts_in(message: pa.Buffer) -> "TaskFacts | None":
    try:
        metadata = pa.ipc.open_stream(message).schema.metadata or {}
        return _parsed(json.loads(metadata[KEY]))
    except (KeyError, ValueError, TypeError, pa.ArrowException):
        return None


def _parsed(fields: "list[object]") -> TaskFacts:
    """The facts in a list of JSON.

    Raises:
        TypeError: It is not one.
        ValueError: It is not one.

    """
    facts = TaskFacts(*fields)  # type: ignore[arg-type]
    planned_ms = facts.planned_ms
    numbers = [*facts[1:-1], *(planned_ms or ())]
    if not isinstance(facts.host, str) or any(type(number) is not int or number < 0 for number in numbers):
        raise ValueError("not the facts of a task")
    if planned_ms is None:
        return facts
    began_ms, ended_ms = planned_ms
    return facts._replace(planned_ms=(began_ms, ended_ms))
