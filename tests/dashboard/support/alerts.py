"""Made-up alerts in the shape of the protocol."""

from __future__ import annotations

from typing import Any

import msgspec

from dashboard.snapshots.alerts_schema import Alert

#: 2026-11-20, 14:02:00 UTC.
AT_MS = 1_795_183_320_000
SENTENCE = "#WorldCup entered the top 3 at 14:02 UTC: 310 posts in 5 minutes, 12 times its usual, from 241 people."


def pushed(number: int = 1, **changes: Any) -> dict[str, Any]:
    """An alert as the job pushes it."""
    numbers = {"rank": 3, "top": 3, "posts": 310, "times": 12.04, "authors": 241, "window_seconds": 300}
    names = {"id": f"1/{number}/World Cup/worldcup", "rule": "World Cup", "key": "worldcup", "label": "WorldCup"}
    return {**names, "when": "enters", "at_ms": AT_MS, **numbers, **changes}


def alert(number: int = 1, **changes: Any) -> Alert:
    """The same, as the dashboard has it."""
    return msgspec.convert(
        {name: value for name, value in pushed(number, **changes).items() if value is not None}, Alert
    )


def rules(*, error: str | None = None, dropped: int = 0, **changes: Any) -> dict[str, Any]:
    """The rules of a snapshot: one about a tag, and one about the stream."""
    texts = {"cooldown_seconds": 3600, "sentence_en": "When …", "sentence_es": "Cuando …", **changes}
    tag = {"name": "World Cup", "when": "enters", **texts}
    stream = {"name": "Silence", "when": "stream", "stream": "counting stopped", **texts}
    return {"rules": [tag, stream], "error": error, "dropped": dropped}
