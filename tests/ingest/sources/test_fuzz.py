"""No foreign input makes a decoder raise an unexpected error."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.ingest.servers.jetstream_server import as_v2, event
from tests.ingest.servers.mastodon_server import status

from ingest.sources.bluesky import event as jetstream_event
from ingest.sources.common import rate_limit, unexpected
from ingest.sources.common.json_line import FormatError
from ingest.sources.common.unexpected import UnexpectedError
from ingest.sources.mastodon import instance as mastodon_instance
from ingest.sources.mastodon import post as mastodon_post
from ingest.sources.mastodon import sse
from ingest.sources.replay import format as replay_format
from ingest.sources.x import errors as x_errors
from ingest.sources.x import meter as x_meter
from ingest.sources.x import post as x_post

NOW_MS = 1_795_176_000_000
HUGE = "9" * 4301

#: JSON values that libraries fail at.
EVIL = [
    HUGE,
    f"-{HUGE}",
    f"0.{HUGE}",
    "1e400",
    "-1e400",
    "1e-400",
    "18446744073709551616",
    "9223372036854775808",
    "1.5",
    "NaN",
    "Infinity",
    "[" * 2000,
    "[" * 600 + "]" * 600,
    '{"a":' * 600 + "1" + "}" * 600,
    '"\\ud83d"',
    '"\\ude00\\ud83d"',
    '"\\u0000"',
    f'"{HUGE}"',
    f'"&#{HUGE};"',
    '"&#x110000;&#xd800;&#0;"',
    f'"<p>{"<" * 3000}"',
    *(
        f'"{time}"'
        for time in (
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59.999999-23:59",
            "9999-12-31",
            "2026-11-20T12:00:00.000Z",
            "2026-02-30",
            "-1",
            "",
        )
    ),
    "null",
    "true",
    "[]",
    "{}",
    "[null]",
]

X_LINE: dict[str, Any] = {
    "data": {
        "id": "1",
        "text": "a",
        "author_id": "2",
        "lang": "en",
        "created_at": "2026-11-20T12:00:00.000Z",
        "entities": {"hashtags": [{"start": 0, "end": 1, "tag": "a"}]},
        "note_tweet": {"text": "a", "entities": {"hashtags": [{"tag": "a"}]}},
        "referenced_tweets": [{"type": "retweeted", "id": "3"}],
    },
    "includes": {"tweets": [{"id": "3", "text": "b"}]},
    "errors": [{"title": "a", "detail": "b", "details": ["c"], "type": "d"}],
}
OWN_LINE = {"text": "a", "tags": [{"label": "a"}], "id": "1", "at_ms": 1, "created_at": "2026-11-20", "lang": "en"}
USAGE = {
    "data": {
        "project_usage": "1",
        "project_cap": 2,
        "daily_project_usage": {"usage": [{"date": "2026-11-20T00:00:00.000Z", "usage": "1"}]},
    }
}
INSTANCE = {
    "configuration": {
        "urls": {"streaming": "wss://a.example"},
        "timelines_access": {"live_feeds": {"local": "public", "remote": "disabled"}},
    }
}


def replay(line: bytes) -> object:
    return replay_format.posts(line, 1)


def problem(body: bytes) -> object:
    return [x_errors.error_for(code, {"x-rate-limit-reset": body[:30].decode()}, body, NOW_MS) for code in (402, 429)]


READERS: list[tuple[Callable[[bytes], object], Any]] = [
    (x_post.read, X_LINE),
    (problem, X_LINE),
    (x_meter.read, USAGE),
    (jetstream_event.read_v1, event(1, facets=[{"features": [{"$type": "a", "tag": "b"}]}], tags=["c"])),
    (jetstream_event.read_v2, as_v2(event(1, tags=["c"]))),
    (mastodon_post.read, status(1)),
    (mastodon_instance.read, INSTANCE),
    (replay, OWN_LINE),
    (replay, {"data": [X_LINE["data"]], "includes": X_LINE["includes"]}),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of all values within a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: str) -> bytes:
    """Return the JSON of a value, with the part at this path replaced by other JSON."""
    mark = "the place of the new one"

    def build(each: Any, rest: tuple[Any, ...]) -> Any:
        if not rest:
            return mark
        if isinstance(each, dict):
            return {key: build(inner, rest[1:]) if key == rest[0] else inner for key, inner in each.items()}
        return [build(inner, rest[1:]) if place == rest[0] else inner for place, inner in enumerate(each)]

    return json.dumps(build(value, path)).replace(f'"{mark}"', new).encode()


def is_known(new: str) -> bool:
    """Return whether the standard library can't read a text: `html.unescape` rejects that many digits."""
    return f"&#{HUGE}" in new


@pytest.mark.parametrize(("read", "sample"), READERS)
def test_no_value_in_any_place_makes_a_reader_fail(read: Callable[[bytes], object], sample: Any) -> None:
    read(json.dumps(sample).encode())
    for path in places(sample):
        for new in EVIL:
            found = unexpected.read(read, replaced(sample, path, new))
            if isinstance(found, UnexpectedError):
                assert is_known(new), (path, new[:50], found.cause)


def shapes(sample: Any) -> st.SearchStrategy[object]:
    names = sorted({key for path in places(sample) for key in path if isinstance(key, str)})
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    return st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(names), inner))


@pytest.mark.parametrize(("read", "sample"), READERS)
def test_no_shape_makes_a_reader_fail(read: Callable[[bytes], object], sample: Any) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(shapes(sample))
    def check(shape: object) -> None:
        found = unexpected.read(read, json.dumps(shape).encode())
        assert not isinstance(found, UnexpectedError), found.cause

    check()


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
@example(b"\xff")
@example(b"{" * 100_000)
@example(b'{"data":' * 100_000)
def test_no_bytes_make_a_reader_fail(raw: bytes) -> None:
    for read, _ in READERS:
        if read is not problem:
            found = unexpected.read(read, raw)
            assert not isinstance(found, UnexpectedError), found.cause
    chunks = iter([raw, b"\n\n", b""])
    list(sse.events(lambda _: next(chunks)))


TIMES = ["nan", "inf", "-inf", "1e400", HUGE, "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "Mon, 99", ""]


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=40) | st.sampled_from(TIMES))
@example("Fri, 31 Dec 9999 23:59:59 -2359")
@example("Mon, 01 Jan 0001 00:00:00 +2359")
@example("Fri, 20 Nov 99999999999999999999 12:00:00 GMT")
@example("20 Nov 2026 12:00:00 +99999999999999999")
def test_a_requested_wait_is_always_a_finite_number(value: str) -> None:
    for name in ("Retry-After", "X-RateLimit-Reset"):
        assert 0 <= rate_limit.wait_seconds({name: value}, NOW_MS) <= rate_limit.MAX_WAIT_SECONDS


def test_foreign_text_is_one_line_of_ascii_in_the_log() -> None:
    def read(_: bytes) -> object:
        raise ValueError("\x1b[2J\n\u202e" + "long" * 1000)

    found = unexpected.read(read, b"")
    assert isinstance(found, UnexpectedError)
    assert isinstance(found, FormatError)
    assert str(found) == "unexpected content"
    assert found.cause.isascii()
    assert found.cause.isprintable()
    assert len(found.cause) < 1000
