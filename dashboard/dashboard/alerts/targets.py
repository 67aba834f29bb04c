"""The operator's targets of alerts, one on each line of a file. Their addresses are secrets: no error has one."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dashboard.alerts.phrases import Language

#: The largest file, and the most targets in it.
MAX_BYTES, MAX_TARGETS = 64 * 1024, 20
WEBHOOK = "webhook"
#: Standard Webhooks: a secret is this prefix and 24 to 64 bytes as base64.
SECRET_PREFIX = "whsec_"  # noqa: S105  not a secret
SECRET_BYTES = range(24, 65)
#: The word at the end of a line whose name may lead to a private address.
PRIVATE = "private"
_APPRISE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_APPRISE_FORM = "an address of Apprise, with lang=es for Spanish"
_WEBHOOK_FORM = "webhook https://… secret=whsec_…"


class TargetsError(Exception):
    """The file can't be used. Its text is one sentence that names the line and nothing of its content."""


@dataclass(frozen=True)
class Webhook:
    """An address that gets each alert by HTTP POST. `secret`: the key of its signatures, None without one.

    `name`: the line, for log lines and errors. `id`: the same for the same address, also on another line.
    `allows_private`: whether its name may lead to a private address.
    """

    name: str
    id: str
    url: str = field(repr=False)
    secret: bytes | None = field(default=None, repr=False)
    allows_private: bool = False


@dataclass(frozen=True)
class AppriseTarget:
    """An address of a service that Apprise knows. The fields are as of a webhook. `language`: of what it gets."""

    name: str
    id: str
    url: str = field(repr=False)
    language: Language = "en"
    allows_private: bool = False


Target = Webhook | AppriseTarget


def read_targets(path: Path, key: bytes) -> list[Target]:
    """Read the file. Empty lines, and lines that begin with `#`, are skipped.

    Args:
        path: The file.
        key: A secret of the dashboard. The ids are hashes with it, so that nobody can guess an address from its id.

    Raises:
        TargetsError: The file can't be used.

    """
    try:
        if path.exists() and not path.is_file():
            raise TargetsError(f"{path} is not a file")
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1).decode("utf-8-sig")
    except OSError as error:
        raise TargetsError(f"{path} can't be read: {error.strerror}") from error
    except UnicodeDecodeError:
        # A cause would have the bytes of the file.
        raise TargetsError(f"{path} is not UTF-8") from None
    if len(text.encode()) > MAX_BYTES:
        raise TargetsError(f"{path} is longer than 64 KiB")
    if not text.strip():
        # An editor may just have emptied it.
        raise TargetsError(f"{path} is empty; a comment is enough to have no targets")
    found = [_target(number, line.strip(), key) for number, line in enumerate(text.splitlines(), 1) if _counts(line)]
    if len(found) > MAX_TARGETS:
        raise TargetsError(f"{path} has more than {MAX_TARGETS} targets")
    lines: dict[str, Target] = {}
    for target in found:
        if target.id in lines:
            raise TargetsError(f"{target.name} has the same address as {lines[target.id].name}")
        lines[target.id] = target
    return found


def _counts(line: str) -> bool:
    return line.strip() != "" and not line.strip().startswith("#")


def _target(number: int, line: str, key: bytes) -> Target:
    name = f"line {number}"
    url, *words = line.split()
    if url == WEBHOOK:
        return _webhook(name, words, key)
    options = _options(words, "lang")
    if _APPRISE.fullmatch(url) is None or options is None or options.get("lang", "en") not in {"en", "es"}:
        raise TargetsError(f"{name} must be {_WEBHOOK_FORM}, or {_APPRISE_FORM}")
    if url.partition("://")[0].lower() in {"http", "https"}:
        raise TargetsError(f"{name} must begin with webhook, because it is a web address")
    language: Language = "es" if options.get("lang") == "es" else "en"
    return AppriseTarget(name, _id(url, key), url, language, PRIVATE in options)


def _webhook(name: str, words: Sequence[str], key: bytes) -> Webhook:
    options = _options(words[1:], "secret")
    if not words or options is None:
        raise TargetsError(f"{name} must be {_WEBHOOK_FORM}")
    url = words[0]
    if not is_web_address(url):
        raise TargetsError(f"{name} must have an address that begins with https:// or http://, and no user or password")
    return Webhook(name, _id(url, key), url, _secret(name, options.get("secret")), PRIVATE in options)


def _options(words: Sequence[str], name: str) -> dict[str, str] | None:
    """The words behind an address: `private`, and a value with a name. None if there is another one, or one twice."""
    found: dict[str, str] = {}
    for word in words:
        key, _, value = word.partition("=")
        if key in found or not (word == PRIVATE or (key == name and value)):
            return None
        found[key] = value
    return found


def is_web_address(url: str) -> bool:
    """Whether a POST can be sent there: http or https, a host, a port that is a number, no user, printable ASCII."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    is_whole = url.isascii() and url.isprintable() and "@" not in parts.netloc and port != 0
    return is_whole and parts.scheme in {"http", "https"} and bool(parts.hostname)


def _secret(name: str, text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        secret = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        secret = b""
    if not text.startswith(SECRET_PREFIX) or len(secret) not in SECRET_BYTES:
        raise TargetsError(f"{name} must have a secret of the form whsec_… with 24 to 64 bytes as base64")
    return secret


def _id(url: str, key: bytes) -> str:
    return hashlib.blake2b(url.encode(), digest_size=16, key=hashlib.sha256(key).digest()).hexdigest()
