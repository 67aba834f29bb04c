"""What the dashboard says about alerts: to the API, to pages, and to targets."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from dashboard.snapshots.alerts_schema import MAX_RULES, Alert, AlertRule
from dashboard.snapshots.fields import Text

#: Alerts in one response.
MAX_ALERTS_READ = 200


class AlertText(Struct, frozen=True):
    """An alert as one sentence."""

    en: Annotated[Text, Meta(description="In English.")]
    es: Annotated[Text, Meta(description="In Spanish.")]


class ShownAlert(Alert, frozen=True, kw_only=True, omit_defaults=False):
    """An alert as browsers get it: with its sentence. Fields that are not known are null."""

    text: Annotated[AlertText, Meta(description="What happened, as one sentence. Its times are in UTC.")]
    link: Annotated[
        Text,
        Meta(
            description="The page at that moment: an address if `PUBLIC_URL` is set, otherwise a path with its query."
        ),
    ]


class AlertsAnswer(Struct, frozen=True, kw_only=True):
    """Stored alerts, and the rules that make them."""

    alerts: Annotated[
        list[ShownAlert],
        Meta(description="The alerts, the one that was stored last first.", max_length=MAX_ALERTS_READ),
    ]
    rules: Annotated[list[AlertRule], Meta(description="The rules of the job.", max_length=MAX_RULES)]
    error: Annotated[
        str | None, Meta(description="Why the file of rules can't be used, as one sentence. The rules before it stay.")
    ]
