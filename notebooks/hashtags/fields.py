"""Reading typed fields out of JSON. A field of another type is a `StreamError`."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from hashtags.errors import StreamError

Json = dict[str, Any]


def mapping(value: object, name: str) -> Json:
    """`value` as an object of JSON."""
    if not isinstance(value, dict):
        raise _unexpected("object", name)
    return value


def accepted(answer: object) -> Json:
    """An answer as an object, unless it says why there is none."""
    data = mapping(answer, "answer")
    if "error" in data:
        raise StreamError(text(data, "error"))
    return data


def field(data: Json, name: str) -> Json:
    """The object under `name`."""
    return mapping(data.get(name), name)


def items(data: Json, name: str) -> list[Any]:
    """The list under `name`; empty if there is none."""
    value = data.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise _unexpected("list", name)
    return value


def objects(data: Json, name: str) -> list[Json]:
    """The list of objects under `name`; empty if there is none."""
    return [mapping(value, name) for value in items(data, name)]


def integer(data: Json, name: str) -> int:
    """The whole number under `name`."""
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _unexpected("whole number", name)
    return value


def optional_integer(data: Json, name: str) -> int | None:
    """The whole number under `name`, or None."""
    return None if data.get(name) is None else integer(data, name)


def number(data: Json, name: str) -> float:
    """The number under `name`."""
    value = data.get(name)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise _unexpected("number", name)
    return float(value)


def text(data: Json, name: str) -> str:
    """The text under `name`."""
    value = data.get(name)
    if not isinstance(value, str):
        raise _unexpected("text", name)
    return value


def optional_text(data: Json, name: str) -> str | None:
    """The text under `name`, or None."""
    return None if data.get(name) is None else text(data, name)


def time(data: Json, name: str) -> datetime:
    """The time under `name`, in UTC."""
    return utc(integer(data, name))


def optional_time(data: Json, name: str) -> datetime | None:
    """The time under `name` in UTC, or None."""
    return None if data.get(name) is None else time(data, name)


def utc(at_ms: int) -> datetime:
    """Milliseconds since 1970 as a time in UTC."""
    try:
        return datetime.fromtimestamp(at_ms / 1000, timezone.utc)
    except (OverflowError, ValueError, OSError) as error:
        raise StreamError(f"The stream sent {at_ms} as a time, which no calendar has.") from error


def milliseconds(at: datetime) -> int:
    """A time as milliseconds since 1970.

    Raises:
        StreamError: It has no time zone, so it could be any of 24 hours.

    """
    if at.tzinfo is None:
        raise StreamError(f"A time must have a time zone, as datetime.now(timezone.utc) has; {at} has none.")
    return round(at.timestamp() * 1000)


def _unexpected(what: str, name: str) -> StreamError:
    return StreamError(f"The stream sent no {what} as {name!r}: stream and client are of different versions.")
