"""What a webhook gets: a CloudEvent, signed as Standard Webhooks says."""

from __future__ import annotations

import base64
import json
from typing import Any

import jsonschema_rs
from tests.dashboard.support.alerts import AT_MS, SENTENCE, alert, pushed

from dashboard.alerts.cloud_event import cloud_event
from dashboard.alerts.signature import message_id, signature, signed_headers

#: The attributes that CloudEvents 1.0 requires, and the form of the others (cloudevents.json of the specification).
SCHEMA = {
    "type": "object",
    "required": ["id", "source", "specversion", "type"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "source": {"type": "string", "minLength": 1, "format": "uri-reference"},
        "specversion": {"const": "1.0"},
        "type": {"type": "string", "minLength": 1},
        "datacontenttype": {"type": "string", "minLength": 1},
        "subject": {"type": "string", "minLength": 1},
        "time": {"type": "string", "format": "date-time"},
        "data": {"type": "object"},
    },
    "additionalProperties": False,
}


def test_the_event_has_the_alert_its_sentence_and_the_link() -> None:
    event = json.loads(cloud_event(alert(), "https://trends.example.org"))
    jsonschema_rs.validator_for(SCHEMA, validate_formats=True).validate(event)
    link = f"https://trends.example.org/?at={AT_MS}#/tag/worldcup"
    text = {"en": SENTENCE, "es": event["data"]["text"]["es"]}
    assert event == {
        "specversion": "1.0",
        "id": "1/1/World Cup/worldcup",
        "source": "https://trends.example.org",
        "type": "hashtags-live.alert.enters",
        "subject": "worldcup",
        "time": "2026-11-20T14:02:00.000+00:00",
        "datacontenttype": "application/json",
        "data": {**pushed(), "text": text, "link": link},
    }
    assert text["es"].startswith("#WorldCup entró en el top 3")


def test_an_alert_of_the_stream_and_one_of_the_end_of_time_are_valid_too() -> None:
    stream: dict[str, Any] = {"key": None, "label": None, "when": "stream", "stream": "posts lost"}
    event = json.loads(cloud_event(alert(**stream, at_ms=2**63 - 1), ""))
    jsonschema_rs.validator_for(SCHEMA, validate_formats=True).validate(event)
    assert event["source"] == "urn:hashtags-live"
    assert "subject" not in event
    assert "key" not in event["data"]


def test_the_signature_is_that_of_the_specification() -> None:
    """The specification has this example of id, time, body, secret and signature."""
    secret, body = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), b'{"test": 2432232314}'
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature("msg_p5jXN8AQM9LWM0D4loKWxJek", body, 1614265330, secret) == expected
    headers = signed_headers("1/1/World Cup/worldcup", body, 1614265330, secret)
    message = message_id("1/1/World Cup/worldcup")
    assert headers == {
        "webhook-id": message,
        "webhook-timestamp": "1614265330",
        "webhook-signature": signature(message, body, 1614265330, secret),
    }
    assert "webhook-signature" not in signed_headers("1", body, 1614265330, None)


def test_the_id_is_the_same_at_each_attempt_and_fits_into_a_header_whatever_the_alert_has() -> None:
    odd = "1/2/Fußball. \r\n/" + "é" * 8000
    assert message_id(odd) == message_id(odd) != message_id(odd + "x")
    assert message_id(odd).isascii()
    assert "." not in message_id(odd)
    assert len(message_id(odd)) == 38
