"""One attempt against a receiver that fails in every way."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from tests.dashboard.support.alerts import AT_MS, SENTENCE, alert
from tests.dashboard.support.webhook_receiver import SECRET, WebhookReceiver

from dashboard.alerts import webhook
from dashboard.alerts.attempt import Failure
from dashboard.alerts.targets import Webhook
from dashboard.alerts.webhook import WebhookSender, reason_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def receive() -> Iterator[Callable[..., WebhookReceiver]]:
    receivers: list[WebhookReceiver] = []

    def start(*plan: Any, tls: ssl.SSLContext | None = None) -> WebhookReceiver:
        receivers.append(WebhookReceiver(plan, tls))
        return receivers[-1]

    yield start
    for receiver in receivers:
        receiver.close()


def target(url: str, secret: bytes | None = SECRET) -> Webhook:
    return Webhook("line 1", "id", url, secret)


def sender(context: ssl.SSLContext | None = None) -> WebhookSender:
    return WebhookSender("https://trends.example.org", "1.0.0", lambda: AT_MS, context)


def test_a_receiver_gets_the_signed_event_at_its_path(receive: Callable[..., WebhookReceiver]) -> None:
    receiver = receive(204)
    assert sender().send(target(f"{receiver.url}/hook?of=us"), alert()) is None
    ((path, id_, event),) = receiver.requests
    assert path == "/hook?of=us"
    assert id_.startswith("alert_")
    assert event["data"]["text"]["en"] == SENTENCE
    assert receiver.problems == []
    assert sender().send(target(receiver.url, None), alert()) is None
    assert receiver.requests[1][0] == "/"


@pytest.mark.parametrize(
    ("behaviour", "failure"),
    [
        (500, Failure("it answered with status 500")),
        (404, Failure("it answered with status 404")),
        (303, Failure("it answered with status 303")),
        (302, Failure("it answered with status 302")),
        ((429, {"Retry-After": "90"}), Failure("it answered with status 429", 90_000)),
        ((503, {"Retry-After": "Fri, 20 Nov 2026 14:03:00 GMT"}), Failure("it answered with status 503", 60_000)),
        ("cut", Failure("it closed the connection")),
        ("nonsense", Failure("it closed the connection")),
        (
            (302, {"Location": "http://localhost/s3cret"}),
            Failure("it redirects to another host, which is not followed"),
        ),
        ((307, {"Location": "file:///s3cret"}), Failure("it redirects to another host, which is not followed")),
        ((307, {"Location": "http://[s3cret"}), Failure("its response is malformed")),
    ],
)
def test_what_a_receiver_may_do_in_place_of_taking_it(
    receive: Callable[..., WebhookReceiver], behaviour: Any, failure: Failure
) -> None:
    receiver = receive(behaviour)
    assert sender().send(target(receiver.url), alert()) == failure
    assert len(receiver.requests) == 1
    assert receiver.taken == []


def test_a_slow_receiver_has_a_bound_and_so_has_a_response(
    receive: Callable[..., WebhookReceiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert webhook.ATTEMPT_SECONDS == 10
    receiver = receive("slow", "endless")
    with monkeypatch.context() as patch:
        patch.setattr(webhook, "ATTEMPT_SECONDS", 0.3)
        assert sender().send(target(receiver.url), alert()) == Failure("it did not answer in time")
    # On a busy machine the receiver reads the request only after its sender has gone.
    assert receiver.arrived.wait(30)
    # The status is the answer, so an endless one ends.
    assert sender().send(target(receiver.url), alert()) is None


def test_an_alert_is_taken_with_the_status_whatever_becomes_of_the_body(
    receive: Callable[..., WebhookReceiver],
) -> None:
    receiver = receive("slow body", "cut body")
    assert sender().send(target(receiver.url), alert(1)) is None
    assert sender().send(target(receiver.url), alert(2)) is None
    assert receiver.taken == [alert(1).id, alert(2).id]


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://[::1]/hook", "::1", 80),
        ("https://[2001:db8::5]/hook", "2001:db8::5", 443),
        ("http://[fe80::a]:9000/", "fe80::a", 9000),
        ("https://example.org/", "example.org", 443),
    ],
)
def test_it_connects_to_the_host_and_port_of_the_address(
    monkeypatch: pytest.MonkeyPatch, url: str, host: str, port: int
) -> None:
    asked = []

    def refuse(host: str, port: int, seconds: float, *, allows_private: bool) -> None:
        asked.append((host, port, seconds, allows_private))
        raise ConnectionRefusedError

    monkeypatch.setattr(webhook, "connect", refuse)
    assert sender().send(target(url), alert()) == Failure("it refuses connections")
    assert asked == [(host, port, 10.0, False)]


def test_a_name_that_leads_to_a_private_address_needs_the_word_private(
    receive: Callable[..., WebhookReceiver],
) -> None:
    receiver = receive((307, {"Location": "/second"}))
    named = target(receiver.url.replace("127.0.0.1", "localhost"))
    assert sender().send(named, alert()) == Failure(
        "its name leads to a private address, and its line has no word private"
    )
    assert receiver.requests == []
    assert sender().send(replace(named, allows_private=True), alert()) is None
    assert [path for path, _, _ in receiver.requests] == ["/", "/second"]
    assert receiver.hosts == [f"localhost:{receiver.server_port}"] * 2


def test_redirects_are_followed_on_the_same_host_only_and_not_for_ever(
    receive: Callable[..., WebhookReceiver],
) -> None:
    receiver = receive((307, {"Location": "/second"}), (302, {"Location": "third?x=1"}))
    assert sender().send(target(f"{receiver.url}/first"), alert()) is None
    assert [path for path, _, _ in receiver.requests] == ["/first", "/second", "/third?x=1"]
    assert len({id_ for _, id_, _ in receiver.requests}) == 1
    assert len(receiver.taken) == 1
    other = receive()
    receiver.plan = [(308, {"Location": other.url})]
    assert sender().send(target(receiver.url), alert()) == Failure(
        "it redirects to another host, which is not followed"
    )
    assert other.requests == []
    receiver.plan = [(307, {"Location": "/again"})] * 10
    assert sender().send(target(receiver.url), alert()) == Failure("it redirects more than 3 times")
    assert len(receiver.plan) == 6


def test_a_certificate_must_be_trusted(receive: Callable[..., WebhookReceiver]) -> None:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    receiver = receive(tls=server)
    assert sender(trusting).send(target(receiver.url), alert()) is None
    assert sender().send(target(receiver.url), alert()) == Failure("its certificate is not trusted")
    plain = receive()
    assert sender().send(target(plain.url.replace("http", "https")), alert()) == Failure("TLS failed")
    assert len(receiver.taken) == 1


def test_nobody_listens() -> None:
    # It stays bound, so that no other test gets the port meanwhile.
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        assert sender().send(target(f"http://127.0.0.1:{port}/s3cret"), alert()) == Failure("it refuses connections")
    assert sender().send(target("http://s3cret.invalid/"), alert()) == Failure("its name is not known")


def test_no_reason_has_anything_of_an_address() -> None:
    errors = [
        ssl.SSLCertVerificationError(1, "certificate is not valid for 's3cret.example'"),
        ssl.SSLError(1, "s3cret"),
        OSError(113, "No route to host", "s3cret"),
        OSError("s3cret"),
        ValueError("s3cret"),
        UnicodeError("s3cret"),
        ConnectionResetError(104, "s3cret"),
        TimeoutError("s3cret"),
        socket.gaierror(-2, "s3cret"),
    ]
    assert [reason for reason in map(reason_of, errors) if "s3cret" in reason or not reason] == []
