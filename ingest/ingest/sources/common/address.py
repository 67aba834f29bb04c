"""Check the addresses of servers."""

from urllib.parse import SplitResult, urlsplit


def split(url: str) -> SplitResult | None:
    """Return the parts of an address; None if it has no valid host or port.

    Libraries notice some of these mistakes only when they connect, and then raise unexpected errors.
    """
    try:
        parts = urlsplit(url)
        valid = parts.port != 0 and (parts.hostname or "").encode("idna")
    except ValueError:  # the port is not a port, or a part of the name is empty or longer than 63 characters
        return None
    return parts if valid else None
