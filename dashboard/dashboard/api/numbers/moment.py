"""What a number is a number of: a view at one moment, and perhaps a tag."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dashboard.api.tag_details import find
from dashboard.history.window_at import past_event
from dashboard.snapshots.views import view_event, view_leaders

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.history.store import History
    from dashboard.job.tags import CountedTag
    from dashboard.snapshots.event import Event, EventLeader, View
    from dashboard.snapshots.rising_schema import HeldBack, Rising, RisingTag
    from dashboard.snapshots.schema import ShownSnapshot


@dataclass(frozen=True)
class Moment:
    """A view at one moment.

    `leaders` has more tags than the event; `snapshot` is None in the past; `counted` is the tag as the job found it.
    """

    event: Event
    leaders: Sequence[EventLeader]
    rising: Rising | None
    snapshot: ShownSnapshot | None
    key: str | None = None
    other: str | None = None
    input: str | None = None
    counted: CountedTag | None = None

    @property
    def leader(self) -> EventLeader | None:
        """The tag among the leading tags of the view."""
        return find(self.key, self.leaders) if self.key is not None else None

    @property
    def rising_tag(self) -> RisingTag | None:
        """The tag on the list of rising tags."""
        topics = self.rising.topics if self.rising else []
        return find(self.key or "", [tag for topic in topics for tag in topic.tags])

    @property
    def held_back(self) -> HeldBack | None:
        """The tag among the rises that are held back."""
        return find(self.key or "", self.rising.held_back) if self.rising else None


def moment_now(snapshot: ShownSnapshot, view: View) -> Moment:
    """A view of a snapshot."""
    event = view_event(snapshot, view, None)
    return Moment(event, view_leaders(snapshot, view), snapshot.rising, snapshot)


def moment_past(history: History, at_ms: int, top_n: int, view: View) -> Moment | None:
    """A view of the past, with all tags that a page may show. None if it is not stored.

    Raises:
        HistoryAwayError: The history can't be read.

    """
    event = past_event(history, at_ms, top_n, replace(view, reserve=True))
    return None if event is None else Moment(replace(event, view=view), event.top, event.rising, None)
