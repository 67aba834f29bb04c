"""Send one notification with Apprise, in a process of its own, because Apprise blocks and loads much code.

Reads JSON from its input: `urls` alone, or with `title`, `body` and `allows_private`. Writes JSON: `unknown` has the
places of the addresses that Apprise does not know, `several` those with several recipients, `delivered` whether the
service took the notification, `is_private` whether a connection was refused because it led to a private address. It
never writes an address.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import apprise

# It runs without the folder of the dashboard.
sys.path.insert(0, str(Path(__file__).parents[2]))
from dashboard.alerts.addresses import PrivateAddressError, allowed, literal, literals_in

#: Only the host that the operator named gets the alert.
ASSET = apprise.AppriseAsset(app_id="Hashtags, live", app_desc="Alerts", http_redirects=False, async_mode=False)
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class Guard:
    """Looks up names in place of `socket.getaddrinfo`, without private addresses that the operator has not named."""

    def __init__(self, url: str) -> None:
        self.is_private = False
        self._look_up = socket.getaddrinfo
        self._named = literals_in(url)
        values = [os.environ.get(name, "") for name in (*PROXIES, *map(str.lower, PROXIES))]
        self._proxies = {urlsplit(value if "://" in value else f"//{value}").hostname for value in values if value}

    def __call__(self, host: Any, *others: Any, **more: Any) -> Any:
        """The addresses of a host, as `socket.getaddrinfo` has them."""
        name = host.decode() if isinstance(host, bytes) else host or ""
        is_named = name.lower() in self._proxies or literal(name) in self._named
        try:
            return allowed(self._look_up(host, *others, **more), is_named=is_named)
        except PrivateAddressError:
            self.is_private = True
            raise


def main() -> None:
    """Answer the request on stdin."""
    answer = os.fdopen(os.dup(1), "w")
    # A plugin that prints something must not spoil the answer.
    os.dup2(2, 1)
    logging.disable(logging.CRITICAL)
    request = json.load(sys.stdin)
    services = [apprise.Apprise.instantiate(url, asset=ASSET, suppress_exceptions=True) for url in request["urls"]]
    unknown = [place for place, service in enumerate(services) if service is None]
    several = [place for place, service in enumerate(services) if service is not None and len(service) > 1]
    delivered, guard = False, Guard(request["urls"][0])
    if "body" in request and not unknown:
        if not request.get("allows_private"):
            socket.getaddrinfo = guard
        delivered = _notify(services, request["title"], request["body"])
    found = {"unknown": unknown, "several": several, "delivered": delivered, "is_private": guard.is_private}
    json.dump(found, answer)
    answer.close()


def _notify(services: list[Any], title: str, body: str) -> bool:
    notifier = apprise.Apprise(asset=ASSET)
    for service in services:
        notifier.add(service)
    return bool(notifier.notify(title=title, body=body, body_format="text"))


if __name__ == "__main__":
    main()
