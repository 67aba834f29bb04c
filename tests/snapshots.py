"""What tests of whole stacks read off a running dashboard."""

from typing import Any

from tests.faults import contract


def newest_snapshot(address: str) -> dict[str, Any] | None:
    """The newest snapshot that the dashboard at `address` has; `None` before the first, or while it is away."""
    return contract.get(f"{address}/api/snapshot")
