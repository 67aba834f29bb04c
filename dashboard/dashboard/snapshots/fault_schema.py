"""What the buttons of the lesson view do to a demo stream, and how it came out."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from dashboard.snapshots.fields import Count, TimeMs

FaultName = Literal["stop-spark", "kill-python", "cut-socket", "same-post", "wrong-clock"]
FAULT_NAME = Meta(
    description="`stop-spark`: Spark's Java stands still for 10 s. `kill-python`: a Python worker of Spark is killed. "
    "`cut-socket`: ingest closes the connections of all readers. `same-post`: the demo sends a post again. "
    "`wrong-clock`: the demo sends posts with a wrong time."
)


class FaultPost(Struct, frozen=True, kw_only=True):
    """A post that the demo sent for a fault."""

    id: Annotated[str, Meta(description="The id of the post.")]
    created_at: Annotated[str | None, Meta(description="The time that the post gives.")]
    at_ms: Annotated[
        TimeMs | None,
        Meta(description="When ingest accepted it, by ingest's clock. Null until the fault is checked."),
    ]


class Fault(Struct, frozen=True, kw_only=True):
    """A fault, and its outcome."""

    number: Annotated[Count, Meta(description="The number of the fault. It grows from fault to fault.")]
    fault: Annotated[FaultName, FAULT_NAME]
    began_ms: Annotated[TimeMs, Meta(description="When it began, by ingest's clock.")]
    ended_ms: Annotated[TimeMs | None, Meta(description="When the harm ended, by ingest's clock. Null while it lasts.")]
    state: Annotated[
        Literal["running", "checking", "right", "wrong", "failed"],
        Meta(
            description="`running`: the harm lasts. `checking`: until all posts are counted and the panes are closed. "
            "`right`: all posts were counted once. `wrong`: they were not. `failed`: it could not be done or checked."
        ),
    ]
    accepted: Annotated[Count, Meta(description="Posts that ingest has accepted since it began.")]
    counted: Annotated[Count, Meta(description="Posts that the job has counted since it began.")]
    lost: Annotated[Count, Meta(description="Posts that were lost since it began.")]
    pane_counted: Annotated[
        Count | None, Meta(description="Posts of the panes of this time, as counted. Null until they are closed.")
    ]
    pane_recounted: Annotated[
        Count | None, Meta(description="The same posts, counted again from the log. Null until then.")
    ]
    connections: Annotated[
        Count | None, Meta(description="Connections that `cut-socket` has closed. Null for the others.")
    ]
    duplicates: Annotated[Count | None, Meta(description="Posts that ingest has dropped as duplicates since it began.")]
    sent: Annotated[list[FaultPost], Meta(description="The posts that the demo sent for it.")]
    error: Annotated[str | None, Meta(description="Why it failed, as one sentence. Null if it did not.")]


class Faults(Struct, frozen=True, kw_only=True):
    """The faults of a lesson."""

    allowed: Annotated[
        bool,
        Meta(description="Whether `LESSON_FAULTS` is 1 for all services, and the only source is the demo."),
    ]
    latest: Annotated[Fault | None, Meta(description="The newest fault. Null before the first one.")]
