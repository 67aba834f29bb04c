"""How far counting is behind ingest."""

from spark_job.executor.ingest_client import Status
from spark_job.state.progress import Progress


def lag_of(progress: Progress, status: Status | None, to_ms: int) -> tuple[int, int]:
    """The accepted posts that are not counted, and the age of the oldest of them in ms, at most.

    Args:
        progress: The position of counting.
        status: Ingest's newest status.
        to_ms: All before this time is counted. 0: nothing yet.

    """
    end = status["end"] if status is not None and status["log"] == progress.log else progress.next_offset
    lag_posts = max(0, end - progress.next_offset)
    # Every post before the reached watermark is counted, so those that are not are newer.
    oldest_ms = to_ms or progress.since_ms
    return lag_posts, max(0, status["watermark_ms"] - oldest_ms) if status is not None and lag_posts else 0
