"""The tasks and stages of a micro-batch, with their times."""

from collections.abc import Iterable, Sequence

import pyarrow.compute as pc

from spark_job.executor.task_facts import TaskFacts
from spark_job.trace.micro_batch import MicroBatch
from spark_job.trace.schema import Place, StageName, TraceStage, TraceTask

#: When a stage began and when it ended.
Times = tuple[int, int]


def tasks_of(facts: Iterable[TaskFacts]) -> list[TraceTask]:
    """The tasks by their posts, with numbers of their executors."""
    found = sorted(facts, key=lambda task: (task.first_offset, task.end_offset))
    daemons = sorted({(task.host, task.daemon) for task in found})
    return [
        TraceTask(
            executor=daemons.index((task.host, task.daemon)) + 1,
            host=task.host or "unknown",
            process=task.process,
            first_offset=task.first_offset,
            end_offset=task.end_offset,
            began_ms=task.began_ms,
            ended_ms=task.ended_ms,
            posts=task.posts,
        )
        for task in found
    ]


def stages_of(
    batch: MicroBatch, facts: Sequence[TaskFacts], counted_ms: int | None, ranked_ms: int
) -> list[TraceStage]:
    """The stages up to the snapshot.

    Args:
        batch: The micro-batch.
        facts: What its tasks say.
        counted_ms: When the tasks were done, by the driver's clock. None: it is not known.
        ranked_ms: When the snapshot was made.

    """
    stages = []
    first_at_ms = pc.min(batch.counts["first_at_ms"]).as_py()
    if first_at_ms is not None:
        stages.append(stage("accept", "ingest", (first_at_ms, batch.span.last_at_ms)))
    planned_ms = next((task.planned_ms for task in facts if task.planned_ms is not None), None)
    if planned_ms is not None:
        stages.append(stage("plan", "driver", planned_ms))
    if counted_ms is not None:
        stages.append(stage("count", "executors", (batch.began_ms, counted_ms)))
    stages.append(stage("store", "driver", (batch.store_began_ms, batch.store_ended_ms)))
    stages.append(stage("rank", "driver", (batch.store_ended_ms, ranked_ms)))
    return stages


def stage(name: StageName, place: Place, times: Times) -> TraceStage:
    """A stage. A wall clock may be set back meanwhile: then it took no time."""
    began_ms, ended_ms = times
    return TraceStage(stage=name, place=place, began_ms=began_ms, ended_ms=max(began_ms, ended_ms))
