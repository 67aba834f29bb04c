"""A state fed by hand, and what is in it."""

from typing import Any

from tests.spark_job.support.snapshots import waiting_panes
from tests.spark_job.support.tally import counted

from spark_job.state.progress import Span
from spark_job.state.store import State

T = 1_795_176_000_000


def apply(state: State, *posts: dict[str, Any], at: int | None = None) -> Span | None:
    progress = state.progress()
    assert progress is not None
    return state.apply(*counted(posts, progress.next_offset if at is None else at, state.pane_ms))


def reached(state: State) -> tuple[int, int, int]:
    """Next offset, posts and lost."""
    progress = state.progress()
    assert progress is not None
    return progress.next_offset, progress.posts, progress.lost


def everything(state: State) -> dict[str, list[Any]]:
    tables = ("progress", "open_counts", "pane_counts", "totals", "closed_panes", "open_uses", "pane_uses")
    return {name: state.db.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in tables}


def summaries(state: State) -> list[tuple[int, int, list[tuple[str, str, int]]]]:
    """Start, posts and leaders of the closed panes that wait for the dashboard."""
    return [
        (pane["from_ms"] - T, pane["posts"], [(tag["key"], tag["label"], tag["posts"]) for tag in pane["top"]])
        for pane in waiting_panes(state, 10_000)
    ]


def totals(state: State) -> list[tuple[Any, ...]]:
    return state.db.execute("SELECT key, label, posts, first_seen_ms FROM totals ORDER BY key").fetchall()
