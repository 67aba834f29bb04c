"""Whether the stored counts belong to the log that ingest serves now, so that counting can go on from them."""

from collections.abc import Mapping

from spark_job.executor.ingest_client import Status
from spark_job.executor.topic_ends import LOG, Ends
from spark_job.state.progress import Progress


def restart_reason(
    progress: Progress | None, status: Status, last_at_ms: int | None, *, pane_ms: int, state_notice: str | None
) -> str | None:
    """Why counting can't go on from the stored counts, as one sentence. None if it can.

    Args:
        progress: The stored position. None if there is none.
        status: Ingest's `STATUS`.
        last_at_ms: The time of the last counted post, from ingest. None if ingest does not hold it any more.
        pane_ms: The length of panes now.
        state_notice: What happened to the state file, as one sentence. None if nothing did.

    """
    if progress is None:
        lost = state_notice or ("the stored counts are gone" if status["acked"] else None)
        return f"{lost}, so counting began again" if lost else "first start"
    if progress.log != status["log"]:
        return "ingest has another log, so counting began again"
    if status["end"] < progress.next_offset:
        return f"ingest's log ends at {status['end']}, before the {progress.next_offset} that were counted"
    if not may_be_last_counted(progress, last_at_ms):
        return "ingest's log is an older copy that went on, so counting began again"
    if progress.pane_ms != pane_ms:
        return "PANE_SECONDS was changed, so counting began again"
    return None


def topic_restart_reason(
    progress: Progress | None, positions: Mapping[int, int], ends: Ends, *, pane_ms: int, state_notice: str | None
) -> str | None:
    """The same, if the log is on Kafka.

    Args:
        progress: The stored position. None if there is none.
        positions: The stored position of each partition.
        ends: The topic now.
        pane_ms: The length of panes now.
        state_notice: What happened to the state file, as one sentence. None if nothing did.

    """
    if progress is None:
        return f"{state_notice}, so counting began again" if state_notice else "first start"
    if progress.log != ends.log:
        was_topic = progress.log.startswith(LOG)
        return f"{'the topic was made anew' if was_topic else 'the log is on Kafka now'}, so counting began again"
    for partition, offset in positions.items():
        if ends.ends.get(partition, 0) < offset:
            end = ends.ends.get(partition, 0)
            return f"partition {partition} of the topic ends at {end}, before the {offset} that were counted"
    if progress.pane_ms != pane_ms:
        return "PANE_SECONDS was changed, so counting began again"
    return None


def may_be_last_counted(progress: Progress, at_ms: int | None) -> bool:
    """Whether the last counted post can have this time. In a log that was restored from a copy it has another."""
    return at_ms is None or progress.last_at_ms in {0, at_ms}
