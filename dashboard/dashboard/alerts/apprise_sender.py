"""Send an alert to a service that Apprise knows. Apprise runs in a process of its own, only while it sends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, Struct, UnsetType

from dashboard.alerts.attempt import PRIVATE, Failure
from dashboard.alerts.targets import AppriseTarget, TargetsError, read_targets
from dashboard.alerts.text import moment_link, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.alerts.targets import Target
    from dashboard.snapshots.alerts_schema import Alert

CHILD = Path(__file__).with_name("apprise_child.py")
ATTEMPT_SECONDS = 30
#: The child gets these variables of the environment and no other: not the secrets of the services.
PASSED_ON = ("PATH", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class _Request(Struct, omit_defaults=True):
    urls: list[str]
    allows_private: bool = False
    title: str | UnsetType = UNSET
    body: str | UnsetType = UNSET


class _Answer(Struct):
    unknown: list[int]
    several: list[int]
    delivered: bool
    is_private: bool


class AppriseSender:
    """Sends alerts to services."""

    def __init__(self, public_url: str, environment: Mapping[str, str]) -> None:
        """Args:
        public_url: The address of the page, or an empty text.
        environment: The environment variables of the dashboard.
        """
        self._public_url = public_url
        self._environment = environment

    def send(self, target: AppriseTarget, alert: Alert) -> Failure | None:
        """Make one attempt; None if the service took the alert."""
        text = sentence(alert, target.language)
        link = moment_link(alert, self._public_url) if self._public_url else ""
        request = _Request([target.url], target.allows_private, title=alert.rule, body=f"{text}\n{link}".strip())
        try:
            answer = _run(request, self._environment)
        except subprocess.TimeoutExpired:
            return Failure("it did not answer in time")
        except (OSError, subprocess.SubprocessError, msgspec.DecodeError):
            return Failure("Apprise failed")
        if answer.unknown:
            return Failure("Apprise does not know this kind of address")
        if answer.delivered:
            return None
        return Failure(PRIVATE if answer.is_private else "the service did not take it")


def checked_targets(path: Path, key: bytes, environment: Mapping[str, str]) -> list[Target]:
    """The targets of a file. Apprise knows each service, and sends to one recipient of it. Nothing is sent.

    Args:
        path: The file.
        key: A secret of the dashboard.
        environment: The environment variables of the dashboard.

    Raises:
        TargetsError: The file can't be used.

    """
    targets = read_targets(path, key)
    services = [target for target in targets if isinstance(target, AppriseTarget)]
    if not services:
        return targets
    try:
        answer = _run(_Request([target.url for target in services]), environment)
    except (OSError, subprocess.SubprocessError, msgspec.DecodeError):
        # A cause may have an address.
        raise TargetsError("it has an address of Apprise, and Apprise can't be started") from None
    for place in answer.unknown:
        raise TargetsError(f"Apprise does not know that of {services[place].name}")
    for place in answer.several:
        # If one of them failed, all would get the alert again.
        raise TargetsError(f"{services[place].name} must have one recipient; write each on a line of its own")
    return targets


def _run(request: _Request, environment: Mapping[str, str]) -> _Answer:
    names = {*PASSED_ON, *PROXIES, *(name.lower() for name in PROXIES)}
    ended = subprocess.run(  # noqa: S603  the command is fixed
        [sys.executable, "-I", str(CHILD)],
        input=msgspec.json.encode(request),
        stdout=subprocess.PIPE,
        # Errors of Apprise may have the address.
        stderr=subprocess.DEVNULL,
        env={name: value for name, value in environment.items() if name in names},
        timeout=ATTEMPT_SECONDS,
        check=True,
    )
    return msgspec.json.decode(ended.stdout, type=_Answer)
