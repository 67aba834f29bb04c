"""Find the proxy for an address in the environment."""

import os
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ingest.sources.base import Refused

_SCHEMES = {"ws": "http", "wss": "https"}
USABLE = ("http", "https")


def proxy_for(url: str) -> str | None:
    """Return the address of the proxy for `url`; None if there is none, or if `url` is on this machine.

    Raises:
        Refused: The environment names a proxy that can't be used. Its address may hold a password and is not quoted.

    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxies = getproxies()
    if _is_this_machine(host) or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    scheme = _SCHEMES.get(parts.scheme, parts.scheme)
    kind = next((kind for kind in (scheme, "all") if proxies.get(kind)), None)
    return None if kind is None else _usable(proxies[kind], _variable(kind), host)


def for_requests(url: str) -> dict[str, Any]:
    """Return the proxy in the form of `requests`; None values stop it from searching the environment itself."""
    return dict.fromkeys(("http", "https", "all"), proxy_for(url))


def _usable(proxy: str, variable: str, host: str) -> str:
    address = proxy if "://" in proxy else f"http://{proxy}"
    try:
        parts = urlsplit(address)
        possible = bool(parts.hostname) and parts.port != 0
    except ValueError:
        possible = False
    if not possible:
        raise Refused(f"{variable} is not the address of a proxy, such as http://proxy.example.org:3128")
    if parts.scheme.lower() not in USABLE:
        raise Refused(
            f"{variable} names a {parts.scheme}:// proxy, and only http:// and https:// ones can be used; "
            f"NO_PROXY={host} leads around it"
        )
    return address


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    except ValueError:
        return False


def _variable(kind: str) -> str:
    """Return the name of the variable that holds this proxy; the name in small letters has priority."""
    name = f"{kind}_proxy"
    return name if os.environ.get(name) else name.upper()
