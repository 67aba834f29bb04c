"""Why hashtags rise, as short texts for a link preview."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.snapshots.rising_schema import Rising, RisingTag
    from dashboard.snapshots.schema import Snapshot

NOTHING_RISES = "No hashtag is used by more people than usual now."
NOT_YET = "What is usual is not known yet."


def leading_tags(rising: Rising | None) -> Sequence[RisingTag]:
    """The most surprising tag of each topic."""
    return [topic.tags[0] for topic in rising.topics] if rising else []


def length(seconds: int) -> str:
    """`5 minutes`, or `90 seconds`."""
    return f"{seconds // 60} minutes" if seconds >= 120 and seconds % 60 == 0 else f"{seconds} seconds"


def reason(tag: RisingTag, snapshot: Snapshot) -> str:
    """`241 people in 5 minutes, 12 times the usual 20`."""
    people = f"{tag.authors:,} people in {length(round(snapshot.window_seconds))}"
    if tag.new:
        return f"{people}, new"
    usual = round(tag.expected)
    if usual < 1:
        return f"{people}, usually fewer than one"
    times = f"{tag.times:.1f}".removesuffix(".0") if tag.times < 10 else f"{tag.times:,.0f}"
    return f"{people}, {times} times the usual {usual:,}"


def empty_list(rising: Rising | None) -> str:
    """Why there is no topic, as one sentence."""
    return NOT_YET if rising is None or rising.missing_ms else NOTHING_RISES
