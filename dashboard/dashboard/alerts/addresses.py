"""Which addresses of the network an alert may go to: public ones, and private ones that the operator has named."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: What `socket.getaddrinfo` says of a name: family, type, protocol, canonical name, address.
Found = tuple[Any, Any, int, str, tuple[Any, ...]]

#: An IPv6 address of this network leads to the IPv4 address in its last 32 bits (RFC 6052).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_LITERAL = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])|(?<=\[)[0-9A-Fa-f:.]+(?=[\]%])")


class PrivateAddressError(OSError):
    """A name leads to private addresses only."""


def is_public(text: str) -> bool:
    """Whether an address is one of the public network. `text` has no name."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return is_public(str(inner))
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address to which an IPv6 address leads, if it has one."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def literal(host: str) -> Address | None:
    """The address, if a host is one and not a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def literals_in(url: str) -> set[Address]:
    """The addresses that stand in the address of a service."""
    found = (literal(one) for one in _LITERAL.findall(unquote(url)))
    return {address for address in found if address is not None}


def allowed(found: Sequence[Found], *, is_named: bool) -> Sequence[Found]:
    """Those of the addresses of a host that an alert may go to.

    Args:
        found: The addresses.
        is_named: Whether the operator has named the address, or allows this name private ones.

    Raises:
        PrivateAddressError: There are none.

    """
    kept = found if is_named else [one for one in found if is_public(str(one[4][0]))]
    if not kept:
        raise PrivateAddressError("a private address")
    return kept


def connect(host: str, port: int, seconds: float, *, allows_private: bool) -> socket.socket:
    """Connect to an address of a host that was checked. The name is looked up once, so it can't lead elsewhere then.

    Args:
        host: A name or an address.
        port: The port.
        seconds: The timeout of the connection, and of all that is done with it.
        allows_private: Whether a name may lead to a private address. An address that is named may be private.

    Raises:
        PrivateAddressError: The name leads to private addresses only.
        OSError: No address can be reached.

    """
    is_named = allows_private or literal(host) is not None
    found = allowed(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM), is_named=is_named)
    failure: OSError = OSError("no address")
    for family, kind, protocol, _, address in found:
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(seconds)
        try:
            connection.connect(address)
        except OSError as error:
            connection.close()
            failure = error
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise failure
