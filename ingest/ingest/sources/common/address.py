"""Addresses of servers."""

from urllib.parse import SplitResult, urlsplit


def split(url: str) -> SplitResult | None:
    """Return the parts of an address; None if nobody can connect to it, for want of a host or of a port that can be.

    Libraries see some of that no sooner than they connect, and raise what nobody expects there.
    """
    try:
        parts = urlsplit(url)
        possible = parts.port != 0 and (parts.hostname or "").encode("idna")
    except ValueError:  # the port is no port; the name has a part of more than 63 characters, or an empty one
        return None
    return parts if possible else None
