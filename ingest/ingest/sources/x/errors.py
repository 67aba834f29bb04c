"""What X says when something is wrong, and what follows from it.

X answers with a "problem" (RFC 9457): `title`, `detail`, sometimes a `reason`; within a stream as one of `errors`, too.
The status codes are those of X's pages "Response codes and errors" and "Handling disconnections".
"""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec

from ingest.sources.base import Interrupted, Paused, Refused
from ingest.sources.common import json_line
from ingest.sources.common.json_line import FormatError

#: What X asks for after a 429 that doesn't say when to come back, and the longest that we believe it.
WAIT_SECONDS = 60.0
MAX_WAIT_SECONDS = 86_400.0

_OUR_FAULT = {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY}
_MAX_LENGTH = 200
_MAX_DIGITS = 18
#: Whether there is credit again, or another month of X's, is looked up this often.
CREDIT_WAIT_MS, CAP_WAIT_MS = 900_000, 3_600_000
_PAY_PER_USE = "the filtered stream needs an app with pay-per-use access and credit (X's developer console)"


class Problem(msgspec.Struct, gc=False):
    """A problem as X writes it; with `message`, as it wrote them before."""

    title: str | None = None
    detail: str | None = None
    details: list[str] = []
    message: str | None = None
    reason: str | None = None
    type: str | None = None

    def __str__(self) -> str:
        """The title, and what says most beside it."""
        said = (self.title, self.reason or " ".join(self.details) or self.detail or self.message)
        return ", ".join(" ".join(part.split())[:_MAX_LENGTH].rstrip(".") for part in dict.fromkeys(said) if part)


class OutOfCredit(Paused):
    """The credit is used up: it goes on when there is some again."""


class Problems(Problem, gc=False):
    """The body of an answer, or a line of the stream: one problem, or a list of them."""

    errors: list[Problem] = []

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.errors or self.title or self.detail)

    def __str__(self) -> str:
        """The first of its errors, which says more than the whole."""
        return str(self.errors[0]) if self.errors else Problem.__str__(self)


decoder = msgspec.json.Decoder(Problems)


def error_for(status: int, headers: Mapping[str, str], body: bytes, now_ms: int) -> Refused | Interrupted | Paused:
    """Return what an answer other than 200 means to us: go away, or come back later."""
    problem = _problem(body)
    said = f"X answered {status} {problem or _phrase(status)}".rstrip()
    if status == HTTPStatus.UNAUTHORIZED:
        return Refused(f"{said}: X_BEARER_TOKEN is not a token that X knows")
    if _is(problem, "UsageCapExceeded", "problems/usage-capped"):
        sentence = f"{said}: the posts of X's billing cycle are used up; X is asked again each hour"
        return Paused(sentence, now_ms + CAP_WAIT_MS)
    if status == HTTPStatus.PAYMENT_REQUIRED or _is(problem, "CreditsDepleted", "problems/credits"):
        sentence = f"{said}: the credit at X has run out, add some in X's developer console"
        return OutOfCredit(sentence, now_ms + CREDIT_WAIT_MS)
    if _is_not_enrolled(status, problem):
        return Refused(f"{said}: {_PAY_PER_USE}")
    if status in _OUR_FAULT:
        return Refused(said)
    if status == HTTPStatus.CONFLICT:
        return Interrupted(f"{said}: it has no rules to stream by; they are set anew at the next try")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Interrupted(said, _wait_seconds(headers, now_ms))
    return Interrupted(said)


def _problem(body: bytes) -> Problems:
    try:
        return json_line.decode(body, decoder)
    except FormatError:
        # A proxy's page, or nothing: the status says enough.
        return Problems()


def _phrase(status: int) -> str:
    return next((known.phrase for known in HTTPStatus if known == status), "")


def _is(problem: Problems, title: str, kind: str) -> bool:
    """Say whether one of the problems of an answer has this title, or a type with this in it."""
    return any(each.title == title or kind in (each.type or "") for each in (problem, *problem.errors))


def _is_not_enrolled(status: int, problem: Problem) -> bool:
    """Say whether a 403 is what an app gets that may not use the filtered stream."""
    about = f"{problem.reason} {problem.type}"
    return status == HTTPStatus.FORBIDDEN and ("not-enrolled" in about or "client-forbidden" in about)


def _wait_seconds(headers: Mapping[str, str], now_ms: int) -> float:
    """Return how long to stay away: until `x-rate-limit-reset`, in seconds since 1970 UTC.

    X also answers 429 while it still holds a connection of ours that is dead; then some of the rate limit is left, and
    its reset says nothing.
    """
    reset, left = headers.get("x-rate-limit-reset", ""), headers.get("x-rate-limit-remaining", "")
    if not _is_number(reset) or (_is_number(left) and int(left) > 0):
        return WAIT_SECONDS
    return min(max(int(reset) - now_ms / 1000, 0.0), MAX_WAIT_SECONDS)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
