"""Leave muted tags out of lists that were made before these tags were muted."""

from msgspec.structs import replace

from spark_job.mute.mute_list import MuteList
from spark_job.snapshot_schema import Pane, Rising, Topic


def of_rising(rising: Rising | None, muted: MuteList) -> Rising | None:
    """The list of rising tags without the muted ones."""
    if rising is None or not muted:
        return rising
    hides = muted.hides
    topics = [[tag for tag in topic.tags if not hides(tag.key)] for topic in rising.topics]
    return replace(
        rising,
        topics=[Topic(tags=tags) for tags in topics if tags],
        held_back=[held for held in rising.held_back if not hides(held.key)],
    )


def of_pane(pane: Pane, muted: MuteList) -> Pane:
    """A closed pane without the muted tags."""
    if not muted:
        return pane
    window, hides = pane.window, muted.hides
    return replace(
        pane,
        top=[tag for tag in pane.top if not hides(tag.key)],
        window=window and replace(window, top=[tag for tag in window.top if not hides(tag.key)]),
        rising=of_rising(pane.rising, muted) if isinstance(pane.rising, Rising) else pane.rising,
    )
