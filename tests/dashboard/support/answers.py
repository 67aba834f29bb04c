"""What a dashboard in a process of its own answers."""

from __future__ import annotations

import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.dashboard.conftest import Dashboard

ANSWER_SECONDS = 30


def read(dashboard: Dashboard, path: str) -> str:
    """The body of a successful answer."""
    with urllib.request.urlopen(f"{dashboard.url}{path}", timeout=ANSWER_SECONDS) as answer:
        return str(answer.read().decode())


def metric(dashboard: Dashboard, name: str) -> float:
    """A number of `/metrics`; `name` is without `hashtags_`, and with the labels if there are some."""
    (found,) = [one for one in read(dashboard, "/metrics").splitlines() if one.startswith(f"hashtags_{name} ")]
    return float(found.split()[-1])
