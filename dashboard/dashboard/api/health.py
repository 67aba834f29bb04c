"""The HTTP routes for monitoring: liveness, readiness, and metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from flask import Blueprint, Response
from msgspec import UNSET, Meta, Struct, UnsetType
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from dashboard import __version__
from dashboard.api.responses import answer
from dashboard.receive.push_counts import PushCounts, Refusal
from dashboard.snapshots.fields import Count

if TYPE_CHECKING:
    from collections.abc import Callable

    from prometheus_client import CollectorRegistry

    from dashboard.history.store import History
    from dashboard.receive.push_counts import Pushes
    from dashboard.snapshots.freshness import Freshness


AGE = "Milliseconds since the newest snapshot came."
FRESH_FOR = "How old the newest snapshot may be, in milliseconds."


class Healthy(Struct, frozen=True, kw_only=True):
    """The process serves."""

    status: Annotated[Literal["ok"], Meta(description="Always ok.")]
    version: Annotated[str, Meta(description="The version of the dashboard.")]
    pushes: Annotated[PushCounts, Meta(description="The pushes that came since the process started.")]
    refused: Annotated[Refusal | None, Meta(description="The last push, if it was refused. Otherwise null.")]
    history: Annotated[
        str | None, Meta(description="What an operator must know about the stored panes, as one sentence, or null.")
    ]
    relay: Annotated[
        str | None, Meta(description="Why the other dashboards can't be reached, as one sentence, or null.")
    ]
    targets: Annotated[
        str | None, Meta(description="Why the file of targets of alerts can't be used, as one sentence, or null.")
    ]


class Ready(Struct, frozen=True, kw_only=True):
    """The newest snapshot is recent."""

    status: Annotated[Literal["ready"], Meta(description="Always ready.")]
    age_ms: Annotated[Count, Meta(description=AGE)]
    fresh_for_ms: Annotated[Count, Meta(description=FRESH_FOR)]


class NotReady(Struct, frozen=True, kw_only=True):
    """No snapshot has come, or the newest one is old."""

    error: Annotated[str, Meta(description="Why it is not ready, as one sentence.")]
    age_ms: Annotated[Count | None, Meta(description=f"{AGE} Null before the first one.")]
    fresh_for_ms: Annotated[Count | None, Meta(description=f"{FRESH_FOR} Null before the first one.")]
    refused: Annotated[Refusal | UnsetType, Meta(description="The last push, only if it was refused.")] = UNSET


def health_routes(
    history: History,
    pushes: Pushes,
    freshness: Freshness,
    registry: CollectorRegistry,
    relay_notice: Callable[[], str | None],
    targets_notice: Callable[[], str | None],
) -> Blueprint:
    """`/healthz`, `/readyz`, and `/metrics`."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        health = Healthy(
            status="ok",
            version=__version__,
            pushes=pushes.counts(),
            refused=pushes.refused,
            history=history.notice,
            relay=relay_notice(),
            targets=targets_notice(),
        )
        return answer(200, health)

    @routes.get("/readyz")
    def readyz() -> Response:
        trouble = freshness.trouble()
        if trouble is not None:
            return answer(503, _not_ready(trouble, freshness, pushes.refused))
        # It is ready, so there is a snapshot, and both times are known.
        age_ms, fresh_for_ms = freshness.age_ms or 0, freshness.fresh_for_ms or 0
        return answer(200, Ready(status="ready", age_ms=age_ms, fresh_for_ms=fresh_for_ms))

    @routes.get("/metrics")
    def metrics() -> Response:
        # Always the plain format: the library copies parts of the header `Accept` into the response unchecked.
        response = Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)
        response.headers["Cache-Control"] = "no-store"
        return response

    @routes.get("/api/pushes")
    def counts() -> Response:
        return answer(200, pushes.counts())

    return routes


def _not_ready(trouble: str, freshness: Freshness, refused: Refusal | None) -> NotReady:
    age_ms, fresh_for_ms = freshness.age_ms, freshness.fresh_for_ms
    if refused is None:
        return NotReady(error=trouble, age_ms=age_ms, fresh_for_ms=fresh_for_ms)
    trouble += f" The last push was refused {refused.age_ms / 1000:.0f} s ago: {refused.error}"
    return NotReady(error=trouble, age_ms=age_ms, fresh_for_ms=fresh_for_ms, refused=refused)
