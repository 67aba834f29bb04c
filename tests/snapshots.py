"""What tests of whole stacks read off a running dashboard."""

import json
import urllib.error
import urllib.request
from typing import Any


def newest_snapshot(address: str) -> dict[str, Any] | None:
    """The newest snapshot that the dashboard at `address` has; `None` before the first, or while it is away."""
    return get_json(f"{address}/api/snapshot")


def get_json(url: str) -> dict[str, Any] | None:
    """What a dashboard answers; `None` if it has no answer, or while it is away."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return dict(json.load(answer))
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return None
