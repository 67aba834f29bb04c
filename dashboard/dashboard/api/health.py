"""The HTTP routes for whoever keeps it running: whether the process serves, whether it has news, and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from dashboard import __version__
from dashboard.api.responses import answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from prometheus_client import CollectorRegistry

    from dashboard.history.store import History
    from dashboard.receive.push_counts import Pushes
    from dashboard.snapshots.freshness import Freshness


def health_routes(
    history: History,
    pushes: Pushes,
    freshness: Freshness,
    registry: CollectorRegistry,
    relay_notice: Callable[[], str | None],
) -> Blueprint:
    """`/healthz`, `/readyz`, `/metrics`, and the pushes that came."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        notices = {"history": history.notice, "relay": relay_notice()}
        refused = pushes.refused
        refusal = None if refused is None else refused._asdict()
        return answer(
            200,
            {
                "status": "ok",
                "version": __version__,
                "pushes": pushes.counts(),
                "refused": refusal,
                **notices,
            },
        )

    @routes.get("/readyz")
    def readyz() -> Response:
        times = {"age_ms": freshness.age_ms, "fresh_for_ms": freshness.fresh_for_ms}
        trouble, refused = freshness.trouble(), pushes.refused
        if trouble is None:
            return answer(200, {"status": "ready", **times})
        if refused is None:
            return answer(503, {"error": trouble, **times})
        trouble += f" The last push was refused {refused.age_ms / 1000:.0f} s ago: {refused.error}"
        return answer(503, {"error": trouble, **times, "refused": refused._asdict()})

    @routes.get("/metrics")
    def metrics() -> Response:
        # Always the plain format: what the library makes of the header `Accept` goes unchecked into the answer.
        response = Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)
        response.headers["Cache-Control"] = "no-store"
        return response

    @routes.get("/api/pushes")
    def counts() -> Response:
        return answer(200, pushes.counts())

    return routes
