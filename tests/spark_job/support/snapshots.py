"""Snapshots as they are sent, and the parts that a test doesn't care about."""

from typing import Any

import msgspec

from spark_job.ingest_watch import not_requested_yet
from spark_job.snapshot_schema import (
    Coverage,
    Facets,
    Health,
    Leader,
    Pane,
    Snapshot,
    Total,
    Window,
    WindowLeader,
)
from spark_job.state.store import State

#: A health of which nothing is known yet.
QUIET = Health(
    offset=0,
    lag_posts=0,
    lag_ms=0,
    lost=0,
    skipped=0,
    newest_at_ms=None,
    batch_ms=None,
    posts_per_second=0.0,
    started_at_ms=0,
    epoch_reason="first start",
    query_error=None,
    query_failures=0,
    ingest=not_requested_yet(1),
)


def small(seq: int, *panes: Pane, health: Health = QUIET) -> Snapshot:
    """A snapshot of nothing but closed panes."""
    return Snapshot(
        epoch=1,
        seq=seq,
        produced_at_ms=1,
        batch_id=None,
        pane_seconds=10,
        window_seconds=30,
        trigger_seconds=1.0,
        top_n=10,
        window=Window(from_ms=0, to_ms=1, posts=0, posts_before=0, top=[]),
        coverage=Coverage(from_ms=0, missing_ms=0, before=True),
        total=Total(since_ms=0, posts=0, tags=0, dropped_tags=0, dropped_posts=0, sources=[], top=[]),
        batch=None,
        facets=Facets(source={}, lang={}),
        panes=[*panes],
        health=health,
    )


def large(seq: int, *panes: Pane) -> Snapshot:
    """A snapshot with rankings of long tags, too large for a quarter of the budget."""
    tags: list[dict[str, Any]] = [
        {"rank": n + 1, "previous_rank": None, "key": f"{n}" + "k" * 4_000, "posts": 1, "posts_before": 0}
        for n in range(50)
    ]
    named = [tag | {"label": "l" * 500, "first_seen_ms": 1} for tag in tags]
    snapshot = small(seq, *panes)
    window = msgspec.structs.replace(snapshot.window, top=[WindowLeader(**tag, panes=[1]) for tag in named])
    total = msgspec.structs.replace(snapshot.total, top=[Leader(**tag) for tag in named])
    return msgspec.structs.replace(snapshot, window=window, total=total)


def sent(part: Snapshot | Pane) -> dict[str, Any]:
    """A snapshot or a pane as the dashboard reads it from the wire."""
    read: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(part))
    return read


def waiting_panes(state: State, most: int = 60) -> list[dict[str, Any]]:
    """The closed panes that wait for the dashboard, as they are sent."""
    return [sent(pane) for pane in state.unacknowledged_panes(most)]
