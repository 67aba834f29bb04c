"""The trace of a micro-batch, as a job answers it."""

from __future__ import annotations

from typing import Any

#: A micro-batch of three posts, of which two have a tag.
AT_MS = 1_795_176_000_000


def trace(**changes: Any) -> dict[str, Any]:
    """A trace; `changes` replace fields."""
    cup, window = {"key": "cup", "label": "Cup"}, {"from_ms": AT_MS - 290_000, "to_ms": AT_MS + 900}
    place = {"partition": None, "at_ms": AT_MS}
    stages = (("accept", "ingest"), ("plan", "driver"), ("count", "executors"), ("store", "driver"))
    return {
        "epoch": 1,
        "seq": 7,
        "batch_id": 17,
        "first_offset": 1000,
        "end_offset": 1003,
        "posts": 3,
        "posts_shown": [
            {"offset": 1000, "source": "demo", "lang": "en", "text": "a #Cup", "tags": [cup], **place},
            {"offset": 1001, "source": "x", "lang": "und", "text": None, "tags": [], **place},
        ],
        "dropped": [{"at_ms": AT_MS, "source": "demo", "text": "#Cup", "why": "duplicate", "detail": None}],
        "dropped_counts": {"filtered": 0, "duplicate": 1, "malformed": 0},
        "tasks": [
            {
                "executor": 1,
                "host": "here",
                "process": 42,
                "first_offset": 1000,
                "end_offset": 1003,
                "began_ms": AT_MS + 910,
                "ended_ms": AT_MS + 920,
                "posts": 3,
            }
        ],
        "stages": [
            {"stage": stage, "place": place, "began_ms": AT_MS + 900, "ended_ms": AT_MS + 930}
            for stage, place in stages
        ],
        "pane": {"from_ms": AT_MS, "to_ms": AT_MS + 10_000},
        "closed_panes": 29,
        "left_pane": None,
        "window": {**window, "posts_before": 300, "posts": 303},
        "tags": [
            {
                **cup,
                "batch_posts": 2,
                "batch_posts_closed": 0,
                "pane_before": 1,
                "pane_after": 3,
                "left": 0,
                "panes": [*[1] * 29, 3],
                "window_before": 30,
                "window_after": 32,
                "rank_before": 2,
                "rank_after": 1,
            }
        ],
        **changes,
    }
