"""An alert goes to a private address only if the operator has named it."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest

from dashboard.alerts.addresses import PrivateAddressError, connect, is_public, literals_in

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%2", "fd00::1", "fec0::1", "ff02::1"),
        *("::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::10.0.0.1", "2002:a00:1::", "2002:7f00:1::1"),
    ],
)
def test_a_private_address_is_not_public_in_any_form(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"])
def test_other_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_the_addresses_that_stand_in_the_address_of_a_service() -> None:
    assert literals_in("json://user:1.2.3@10.0.0.5:8080/x") == {ip_address("10.0.0.5")}
    assert literals_in("mailto://a:b@example.org?smtp=10.0.0.5&x=%5B%3A%3A1%5D") == {
        ip_address("10.0.0.5"),
        ip_address("::1"),
    }
    assert literals_in("slack://10.0.0.500/a/b") == set()


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_name_of_a_private_address_needs_the_word(port: int) -> None:
    connect("127.0.0.1", port, 5, allows_private=False).close()
    connect("localhost", port, 5, allows_private=True).close()
    with pytest.raises(PrivateAddressError):
        connect("localhost", port, 5, allows_private=False)


def test_a_name_is_looked_up_once_and_only_its_public_addresses_are_used(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up, tried = [], []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        looked_up.append(host)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in ("127.0.0.1", "203.0.114.1", "10.0.0.1", "203.0.114.2")
        ]

    class Socket:
        def __init__(self, *_: object) -> None:
            pass

        def settimeout(self, _: float) -> None:
            pass

        def connect(self, address: tuple[str, int]) -> None:
            tried.append(address[0])
            raise ConnectionRefusedError

        def close(self) -> None:
            pass

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", look_up)
        patch.setattr(socket, "socket", Socket)
        with pytest.raises(ConnectionRefusedError):
            connect("rebinding.example", port, 5, allows_private=False)
    assert (looked_up, tried) == (["rebinding.example"], ["203.0.114.1", "203.0.114.2"])
