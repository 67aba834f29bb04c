"""The headers of a signed webhook (https://github.com/standard-webhooks/standard-webhooks, specification 1.0.0)."""

from __future__ import annotations

import base64
import hashlib
import hmac

ID_CHARACTERS = 32


def message_id(alert_id: str) -> str:
    """The `webhook-id` of an alert, the same at each attempt.

    The id of an alert may have any character, also the full stop, which separates the parts of what is signed.
    """
    return f"alert_{hashlib.sha256(alert_id.encode()).hexdigest()[:ID_CHARACTERS]}"


def signed_headers(alert_id: str, body: bytes, at_seconds: int, secret: bytes | None) -> dict[str, str]:
    """The headers `webhook-id`, `webhook-timestamp`, and with a secret `webhook-signature`.

    Args:
        alert_id: The id of the alert.
        body: What is sent, to the byte.
        at_seconds: When this attempt is made, in seconds since 1970.
        secret: The key that the receiver has too.

    """
    headers = {"webhook-id": message_id(alert_id), "webhook-timestamp": str(at_seconds)}
    if secret is not None:
        headers["webhook-signature"] = signature(headers["webhook-id"], body, at_seconds, secret)
    return headers


def signature(message: str, body: bytes, at_seconds: int, secret: bytes) -> str:
    """The signature of a message with the id `message`: HMAC-SHA256 of id, time and body."""
    digest = hmac.digest(secret, f"{message}.{at_seconds}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"
