from __future__ import annotations

import io
from typing import TYPE_CHECKING

import gevent  # type: ignore[import-untyped]
import pytest
from gunicorn.http.errors import InvalidChunkSize, NoMoreData  # type: ignore[import-untyped]
from werkzeug.exceptions import BadRequest, RequestTimeout

from dashboard.traffic import request_body as request_body_module
from dashboard.traffic.counters import ClientCounters
from dashboard.traffic.request_body import RequestBody

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_body_that_drips_is_given_up_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_body_module, "BODY_SECONDS", 0.2)
    counters = ClientCounters()

    class Dripping(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            gevent.sleep(0.05)
            return b"x"

    body = RequestBody(Dripping(), counters)

    def read_all() -> None:
        for _ in range(100):
            assert body.read(1) == b"x"

    with pytest.raises(RequestTimeout, match=r"within 0\.2 s"):
        read_all()
    assert counters.refused == {"slow body": 1}


@pytest.mark.parametrize("error", [InvalidChunkSize(b"zz"), NoMoreData(), ConnectionResetError()])
@pytest.mark.parametrize("how", [RequestBody.read, RequestBody.readline])
def test_a_body_that_is_malformed_or_cut_is_a_bad_request(
    error: Exception, how: Callable[[RequestBody], bytes]
) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise error

        def readline(self, size: int | None = -1) -> bytes:
            raise error

    counters = ClientCounters()
    with pytest.raises(BadRequest, match="malformed"):
        how(RequestBody(Broken(), counters))
    assert counters.refused == {"malformed": 1}
