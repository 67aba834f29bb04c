"""The HTTP route of the stored alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from dashboard.alerts.schema import MAX_ALERTS_READ, AlertsAnswer
from dashboard.alerts.shown import shown_alert
from dashboard.api.responses import MAX_TIME_MS, Error, answer, cached, time_of
from dashboard.history.store import HistoryAwayError

if TYPE_CHECKING:
    from dashboard.alerts.inbox import AlertInbox
    from dashboard.alerts.store import AlertStore


def alerts_routes(store: AlertStore, inbox: AlertInbox, public_url: str) -> Blueprint:
    """`GET /api/alerts`. It needs no token.

    Args:
        store: The stored alerts.
        inbox: Knows which of them are shown, and the rules.
        public_url: The address of the page, or an empty text.

    """
    routes = Blueprint("alerts", __name__)

    @routes.get("/api/alerts")
    def alerts() -> Response:
        found = store.read(time_of("from_ms", 0), time_of("to_ms", MAX_TIME_MS), MAX_ALERTS_READ)
        rules = inbox.rules
        shown = AlertsAnswer(
            alerts=[shown_alert(alert, public_url) for alert in inbox.visible(found)],
            rules=rules.rules if rules else [],
            error=rules.error if rules else None,
        )
        return cached(shown)

    @routes.errorhandler(HistoryAwayError)
    def away(error: HistoryAwayError) -> Response:
        return answer(503, Error(str(error)))

    return routes
