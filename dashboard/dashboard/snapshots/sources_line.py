"""Name the sources of posts for a link preview, so that nobody mistakes made-up posts for real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.snapshots.views import REPLAY

if TYPE_CHECKING:
    from collections.abc import Sequence

DEMO = "demo"


def sources_line(names: Sequence[str]) -> str:
    """`Demo · made-up posts`, `Recording · posts from a file`, `Sources: bluesky, demo (made-up posts)`."""
    if not names:
        return ""
    if set(names) == {DEMO}:
        return "Demo · made-up posts"
    others = [name for name in names if name != REPLAY]
    named = ", ".join(f"{name} (made-up posts)" if name == DEMO else name for name in others)
    if len(others) < len(names):
        return f"Recording · posts from a file{': ' if named else ''}{named}"
    return f"{'Source' if len(others) == 1 else 'Sources'}: {named}"
