"""Turn error responses of X into Refused, Interrupted or Paused.

X responds with a "problem" (RFC 9457) that has `title`, `detail` and sometimes `reason`. In a stream, the problem may
be one of a list of `errors`. The status codes are from X's pages "Response codes and errors" and "Handling
disconnections".
"""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec

from ingest.sources.base import Interrupted, Paused, Refused
from ingest.sources.common import json_line
from ingest.sources.common.json_line import FormatError

#: The wait after a 429 that has no time to retry (X's documentation), and the longest wait that we accept.
WAIT_SECONDS = 60.0
MAX_WAIT_SECONDS = 86_400.0

_OUR_FAULT = {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY}
_MAX_LENGTH = 200
_MAX_DIGITS = 18
#: How often we check for new credit, and for a new billing cycle of X.
CREDIT_WAIT_MS, CAP_WAIT_MS = 900_000, 3_600_000
_PAY_PER_USE = "the filtered stream needs an app with pay-per-use access and credit (X's developer console)"


class Problem(msgspec.Struct, gc=False):
    """A problem as X sends it. Older responses have only a `message`."""

    title: str | None = None
    detail: str | None = None
    details: list[str] = []
    message: str | None = None
    reason: str | None = None
    type: str | None = None

    def __str__(self) -> str:
        """The title, and the most specific of the other fields."""
        texts = (self.title, self.reason or " ".join(self.details) or self.detail or self.message)
        return ", ".join(" ".join(part.split())[:_MAX_LENGTH].rstrip(".") for part in dict.fromkeys(texts) if part)


class OutOfCredit(Paused):
    """The credit at X is used up; the source continues when there is new credit."""


class Problems(Problem, gc=False):
    """The body of a response, or a line of the stream: one problem, or a list of problems."""

    errors: list[Problem] = []

    def __bool__(self) -> bool:
        """Whether there is a problem."""
        return bool(self.errors or self.title or self.detail)

    def __str__(self) -> str:
        """The first of the errors, which is more specific than the whole."""
        return str(self.errors[0]) if self.errors else Problem.__str__(self)


decoder = msgspec.json.Decoder(Problems)


def error_for(status: int, headers: Mapping[str, str], body: bytes, now_ms: int) -> Refused | Interrupted | Paused:
    """Return the error for a response other than 200: refused for good, or to be retried."""
    problem = _problem(body)
    text = f"X answered {status} {problem or _phrase(status)}".rstrip()
    if status == HTTPStatus.UNAUTHORIZED:
        return Refused(f"{text}: X_BEARER_TOKEN is not a token that X knows")
    if _is(problem, "UsageCapExceeded", "problems/usage-capped"):
        sentence = f"{text}: the posts of X's billing cycle are used up; ingest retries each hour"
        return Paused(sentence, now_ms + CAP_WAIT_MS)
    if status == HTTPStatus.PAYMENT_REQUIRED or _is(problem, "CreditsDepleted", "problems/credits"):
        sentence = f"{text}: the credit at X has run out, add some in X's developer console"
        return OutOfCredit(sentence, now_ms + CREDIT_WAIT_MS)
    if _is_not_enrolled(status, problem):
        return Refused(f"{text}: {_PAY_PER_USE}")
    if status in _OUR_FAULT:
        return Refused(text)
    if status == HTTPStatus.CONFLICT:
        return Interrupted(f"{text}: X has no rules for the stream; ingest sets them again at the next retry")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Interrupted(text, _wait_seconds(headers, now_ms))
    return Interrupted(text)


def _problem(body: bytes) -> Problems:
    try:
        return json_line.decode(body, decoder)
    except FormatError:
        # An empty body, or the page of a proxy: the status is enough.
        return Problems()


def _phrase(status: int) -> str:
    return next((known.phrase for known in HTTPStatus if known == status), "")


def _is(problem: Problems, title: str, kind: str) -> bool:
    """Return whether one of the problems has this title, or a type that contains `kind`."""
    return any(each.title == title or kind in (each.type or "") for each in (problem, *problem.errors))


def _is_not_enrolled(status: int, problem: Problem) -> bool:
    """Return whether this is the 403 for an app that may not use the filtered stream."""
    about = f"{problem.reason} {problem.type}"
    return status == HTTPStatus.FORBIDDEN and ("not-enrolled" in about or "client-forbidden" in about)


def _wait_seconds(headers: Mapping[str, str], now_ms: int) -> float:
    """Return how long to wait: until `x-rate-limit-reset`, which is in seconds since 1970 UTC.

    X also responds 429 while it still has an old, dead connection of ours. Then some of the rate limit is left, and the
    time of its reset does not matter.
    """
    reset, left = headers.get("x-rate-limit-reset", ""), headers.get("x-rate-limit-remaining", "")
    if not _is_number(reset) or (_is_number(left) and int(left) > 0):
        return WAIT_SECONDS
    return min(max(int(reset) - now_ms / 1000, 0.0), MAX_WAIT_SECONDS)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
