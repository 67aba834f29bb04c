"""Send an alert to a target of any kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.alerts.targets import Webhook

if TYPE_CHECKING:
    from dashboard.alerts.apprise_sender import AppriseSender
    from dashboard.alerts.attempt import Failure
    from dashboard.alerts.targets import Target
    from dashboard.alerts.webhook import WebhookSender
    from dashboard.snapshots.alerts_schema import Alert


class Senders:
    """The senders of all kinds of targets."""

    def __init__(self, webhook: WebhookSender, apprise: AppriseSender) -> None:
        self._webhook = webhook
        self._apprise = apprise

    def __call__(self, target: Target, alert: Alert, /) -> Failure | None:
        """Make one attempt; None if the target has the alert."""
        if isinstance(target, Webhook):
            return self._webhook.send(target, alert)
        return self._apprise.send(target, alert)
