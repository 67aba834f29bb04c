"""The wait that a server requests."""

import pytest

from ingest.sources.common.rate_limit import MAX_WAIT_SECONDS, wait_seconds

NOW_MS = 1_795_176_000_000  # 2026-11-20T12:00:00Z


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"Retry-After": "30"}, 30),
        ({"Retry-After": "Fri, 20 Nov 2026 12:00:30 GMT"}, 30),
        ({"X-RateLimit-Reset": "2026-11-20T12:01:00.000000Z"}, 60),
        ({"X-RateLimit-Reset": "2026-11-20T12:01:00"}, 60),
        ({"RateLimit-Reset": "1795176090"}, 90),
        ({"Retry-After": "5", "X-RateLimit-Reset": "1795176090"}, 5),
        ({"Retry-After": "-5"}, 0),
        ({"Retry-After": "86400"}, MAX_WAIT_SECONDS),
        ({"X-RateLimit-Reset": "1990-01-01T00:00:00Z"}, 0),
        ({"Retry-After": "soon"}, 0),
        ({"Retry-After": "nan"}, 0),
        ({"Retry-After": ""}, 0),
    ],
)
def test_the_wait_is_that_of_the_headers(headers: dict[str, str], seconds: float) -> None:
    assert wait_seconds(headers, NOW_MS) == seconds
