"""JSON responses, and the numbers in query strings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
from flask import Response, request
from msgspec import Meta, Struct
from werkzeug.exceptions import BadRequest

from dashboard.snapshots.fields import MAX_INTEGER, TimeMs

if TYPE_CHECKING:
    from collections.abc import Sequence

Word = TypeVar("Word", bound=str)

MAX_TIME_MS = MAX_INTEGER


class Error(Struct, frozen=True):
    """What went wrong."""

    error: Annotated[str, Meta(description="What is wrong, as one sentence.")]


class Time(Struct, frozen=True):
    """The server's clock."""

    now_ms: Annotated[TimeMs, Meta(description="The time by the server's clock.")]


def answer(status: int, body: Struct) -> Response:
    """`body` as JSON that no cache stores: without the header, caches store a 404."""
    response = Response(msgspec.json.encode(body), status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def cached(body: Struct | bytes, seconds: int = 0) -> Response:
    """`body` as JSON with an ETag. After `seconds`, an unchanged response is a 304 without a body."""
    whole = body if isinstance(body, bytes) else msgspec.json.encode(body)
    response = Response(whole, content_type="application/json")
    response.headers["Cache-Control"] = f"max-age={seconds}" if seconds else "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def time_of(name: str, default: int | None = None) -> int:
    """The time in the query string.

    Raises:
        BadRequest: It is not a time; one sentence.

    """
    return _number(name, default, 0, MAX_TIME_MS, "milliseconds since 1970")


def number_of(name: str, default: int, most: int) -> int:
    """The number from 2 to `most` in the query string.

    Raises:
        BadRequest: It is not such a number; one sentence.

    """
    return _number(name, default, 2, most, f"a number from 2 to {most}")


def choice_of(name: str, choices: Sequence[Word]) -> Word:
    """The word in the query string. The first of `choices` if there is none.

    Raises:
        BadRequest: It is none of `choices`; one sentence.

    """
    text = request.args.get(name, choices[0])
    for choice in choices:
        if choice == text:
            return choice
    raise BadRequest(f"{name} must be {' or '.join(choices)}, and is {text[:40]!r}.")


def _number(name: str, default: int | None, least: int, most: int, what: str) -> int:
    text = request.args.get(name, "" if default is None else str(default))
    # Check the length first: int() is slow for thousands of digits.
    if not (text.isascii() and text.isdigit() and least <= int(text[:20]) <= most):
        raise BadRequest(f"{name} must be {what}, and is {text[:40]!r}.")
    return int(text)
