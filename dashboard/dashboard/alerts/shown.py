"""An alert as browsers and targets get it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import asdict

from dashboard.alerts.schema import AlertText, ShownAlert
from dashboard.alerts.text import moment_link, sentence
from dashboard.snapshots.labels import shown_label

if TYPE_CHECKING:
    from dashboard.snapshots.alerts_schema import Alert


def shown_alert(alert: Alert, public_url: str) -> ShownAlert:
    """The alert with its sentence in each language, and the link to its moment.

    Args:
        alert: The alert.
        public_url: The address of the page, or an empty text.

    """
    fields = asdict(alert)
    if alert.label is not None:
        fields["label"] = shown_label(alert.label)
    text = AlertText(en=sentence(alert, "en"), es=sentence(alert, "es"))
    return ShownAlert(**fields, text=text, link=moment_link(alert, public_url))
