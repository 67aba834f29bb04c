"""The list of rising tags as browsers get it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from dashboard.snapshots.labels import shown_label

if TYPE_CHECKING:
    from dashboard.snapshots.rising_schema import Rising


def shown_rising(rising: Rising | None) -> Rising | None:
    """The list, with each label cut if it is longer than ingest makes labels."""
    if rising is None:
        return None
    topics = [
        replace(topic, tags=[replace(tag, label=shown_label(tag.label)) for tag in topic.tags])
        for topic in rising.topics
    ]
    held_back = [replace(tag, label=shown_label(tag.label)) for tag in rising.held_back]
    return replace(rising, topics=topics, held_back=held_back)


def count_topics(rising: Rising | None) -> int | None:
    """How many topics are on the list. None while a baseline is missing, and where there is no list."""
    return None if rising is None or rising.missing_ms else len(rising.topics)
