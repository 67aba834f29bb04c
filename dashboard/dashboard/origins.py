"""Parse the origins of web pages in a setting."""

from __future__ import annotations

import re

ANY = "*"
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_ORIGIN = re.compile(r"(https?)://((?:\*\.)?[a-z0-9_](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
_MAX_PORT = 65_535


def origins(text: str, *, wildcards: bool = False) -> list[str]:
    """The origins in `text`, separated by commas, in the form of the header `Origin`; or `*` alone.

    `wildcards`: whether `https://*.example.org` is allowed.

    Raises:
        ValueError: It is malformed; a part of a sentence.

    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return parts if parts == [ANY] else list(dict.fromkeys(_origin(part, wildcards=wildcards) for part in parts))


def _origin(text: str, *, wildcards: bool) -> str:
    """The origin in lower case, without the default port of its scheme (RFC 6454, section 6.2)."""
    found = _ORIGIN.fullmatch(text.lower().removesuffix("/"))
    if found is None or (found[2].startswith("*") and not wildcards) or int(found[3] or 0) > _MAX_PORT:
        examples = "https://example.org or https://*.example.org" if wildcards else "https://example.org"
        raise ValueError(f"origins such as {examples}, or one *")
    scheme, host, port = found.groups()
    return f"{scheme}://{host}" if port in {None, _DEFAULT_PORTS[scheme]} else f"{scheme}://{host}:{port}"
