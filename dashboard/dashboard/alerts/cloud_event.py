"""An alert as a CloudEvent: https://github.com/cloudevents/spec, version 1.0.2, JSON format, structured mode."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from dashboard.alerts.schema import AlertText
from dashboard.alerts.text import moment_link, sentence
from dashboard.snapshots.alerts_schema import Alert

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
#: The `source` of a dashboard without `PUBLIC_URL`. The specification wants a URI reference that is not empty.
NO_ADDRESS = "urn:hashtags-live"
TYPE_PREFIX = "hashtags-live.alert."
#: The greatest time that RFC 3339 can write.
LAST_MS = 253_402_300_799_000


class AlertData(Alert, frozen=True, kw_only=True):
    """The alert, with its sentence. Fields that are not known are left out."""

    text: AlertText
    link: str


class CloudEvent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A CloudEvent with the attributes that are used here."""

    specversion: str
    id: str
    source: str
    type: str
    time: str
    datacontenttype: str
    data: AlertData
    subject: str | None = None


def cloud_event(alert: Alert, public_url: str) -> bytes:
    """The event as JSON, the same bytes at each attempt.

    Args:
        alert: The alert.
        public_url: The address of the page, or an empty text.

    """
    fields: Mapping[str, object] = msgspec.structs.asdict(alert)
    text = AlertText(en=sentence(alert, "en"), es=sentence(alert, "es"))
    event = CloudEvent(
        specversion="1.0",
        id=alert.id,
        source=public_url or NO_ADDRESS,
        type=TYPE_PREFIX + alert.when,
        subject=alert.key,
        time=datetime.fromtimestamp(min(alert.at_ms, LAST_MS) / 1000, timezone.utc).isoformat(timespec="milliseconds"),
        datacontenttype="application/json",
        data=msgspec.convert({**fields, "text": text, "link": moment_link(alert, public_url)}, AlertData),
    )
    return msgspec.json.encode(event)
