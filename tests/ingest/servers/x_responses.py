"""Responses of X: posts as lines of its stream, and its error bodies."""

import json
from collections.abc import Mapping
from typing import NamedTuple

PROBLEMS = "https://api.twitter.com/2/problems/"


class Answer(NamedTuple):
    """A response without a stream."""

    status: int
    body: object = None
    headers: Mapping[str, str] = {}

    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


#: No response at all.
NEVER = Answer(0)
UNAUTHORIZED = Answer(401, {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"})
NOT_ENROLLED = Answer(
    403,
    {
        "client_id": "1",
        "title": "Client Forbidden",
        "detail": "This app must be attached to a project.",
        "reason": "client-not-enrolled",
        "required_enrollment": "Appropriate Level of API Access",
        "type": f"{PROBLEMS}client-forbidden",
    },
)
NO_CREDIT = Answer(
    402, {"title": "CreditsDepleted", "detail": "There is no credit left.", "type": f"{PROBLEMS}credits"}
)
USAGE_CAPPED = Answer(
    429,
    {
        "title": "UsageCapExceeded",
        "detail": "Usage cap exceeded: Monthly product cap",
        "period": "Monthly",
        "scope": "Product",
        "type": f"{PROBLEMS}usage-capped",
    },
)
NO_RULES = Answer(
    409,
    {
        "title": "ConnectionException",
        "detail": "Rules must be configured before connecting.",
        "connection_issue": "RuleConfigurationIssue",
        "type": f"{PROBLEMS}streaming-connection",
    },
)
TOO_MANY_CONNECTIONS = Answer(
    429,
    {
        "title": "ConnectionException",
        "detail": "This stream is currently at the maximum allowed connection limit.",
        "connection_issue": "TooManyConnections",
        "type": f"{PROBLEMS}streaming-connection",
    },
    {"x-rate-limit-remaining": "48", "x-rate-limit-reset": "4000000000"},
)
UNAVAILABLE = Answer(503, b"<html><body>upstream</body></html>", {"Content-Type": "text/html"})
DISCONNECTED = {
    "errors": [
        {
            "title": "operational-disconnect",
            "disconnect_type": "UpstreamOperationalDisconnect",
            "detail": "This stream has been disconnected upstream for operational reasons.",
            "type": f"{PROBLEMS}operational-disconnect",
        }
    ]
}


def too_many_requests(reset_seconds: int) -> Answer:
    """The response of a rate limit, with the Unix time of its reset."""
    body = {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}
    return Answer(429, body, {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(reset_seconds)})


def line(number: int, text: str = "", *tags: str, **fields: object) -> bytes:
    """A post as the stream delivers it."""
    post = {
        "id": str(10**18 + number),
        "text": text,
        "author_id": str(number % 100),
        "created_at": "2026-11-20T12:00:00.000Z",
        "edit_history_tweet_ids": [str(10**18 + number)],
        "lang": "en",
        **fields,
    }
    if tags:
        post["entities"] = {"hashtags": [{"start": 0, "end": len(tag) + 1, "tag": tag} for tag in tags]}
    delivered = {"data": post, "matching_rules": [{"id": "1", "tag": "hashtags-live"}]}
    return json.dumps(delivered, ensure_ascii=False, separators=(",", ":")).encode() + b"\r\n"
