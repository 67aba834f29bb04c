"""Tags in the address of a request."""

from __future__ import annotations

#: Signs before a tag. Japanese keyboards have the second one.
HASHES = ("#", "＃")


def name_of(text: str) -> str:
    """The tag without the sign before it."""
    return text[1:] if text.startswith(HASHES) else text
