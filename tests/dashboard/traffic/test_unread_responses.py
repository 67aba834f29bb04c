from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboard.traffic.unread_responses import MAX_BYTES, MAX_BYTES_OF_ADDRESS, UnreadResponses

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment


def answer(unread: UnreadResponses, address: str, length: int) -> Any:
    """An answer of `length` bytes, by its headers; its body is empty."""

    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain"), ("content-length", str(length))])
        return [b""]

    return unread.respond(app, {}, lambda *_: lambda _: None, address)


def test_an_address_with_too_many_unread_bytes_has_no_room_until_one_answer_is_closed() -> None:
    unread = UnreadResponses()
    half = MAX_BYTES_OF_ADDRESS // 2
    first, second = answer(unread, "192.0.2.1", half), answer(unread, "192.0.2.1", half)
    assert not unread.has_room("192.0.2.1")
    assert unread.has_room("192.0.2.2")
    first.close()
    first.close()
    assert unread.has_room("192.0.2.1")
    answer(unread, "192.0.2.1", half)
    assert not unread.has_room("192.0.2.1")
    second.close()
    assert unread.has_room("192.0.2.1")


def test_all_addresses_together_have_a_bound() -> None:
    unread = UnreadResponses()
    count = MAX_BYTES // MAX_BYTES_OF_ADDRESS
    answers = [answer(unread, f"192.0.2.{number}", MAX_BYTES_OF_ADDRESS) for number in range(count)]
    assert not unread.has_room("198.51.100.1")
    answers[0].close()
    assert unread.has_room("198.51.100.1")


def test_the_body_is_passed_on_and_closed() -> None:
    closed = []

    class Body(list[bytes]):
        def close(self) -> None:
            closed.append(True)

    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        return Body([b"a", b"b"])

    body: Any = UnreadResponses().respond(app, {}, lambda *_: lambda _: None, "192.0.2.1")
    assert list(body) == [b"a", b"b"]
    body.close()
    assert closed == [True]
