"""DataFrames of what the stream says. An unknown number is `<NA>`; times are in UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from hashtags.alert import Alert
    from hashtags.leader import Leader
    from hashtags.rising import Rise
    from hashtags.tag import Step

UTC_TIME = "datetime64[ms, UTC]"
#: For reading: nobody wants the milliseconds at which a hashtag was seen first.
UTC_SECOND = "datetime64[s, UTC]"


def leaders(found: Sequence[Leader], posts: int) -> pd.DataFrame:
    """Leading hashtags by their rank.

    Args:
        found: The leaders, the first one first.
        posts: All posts of the view, for the column `share`.

    """
    frame = pd.DataFrame(
        {
            "hashtag": _texts(leader.hashtag for leader in found),
            "posts": pd.array([leader.posts for leader in found], dtype="int64"),
            "people": _whole(leader.people for leader in found),
            "share": _real(leader.posts / posts if posts else None for leader in found),
            "change": _real(leader.change for leader in found),
            "previous_rank": _whole(leader.previous_rank for leader in found),
            "first_seen": _times((leader.first_seen for leader in found), UTC_SECOND),
            "key": _texts(leader.key for leader in found),
        }
    )
    frame.index = pd.Index([leader.rank for leader in found], name="rank", dtype="int64")
    return frame


def curve(steps: Sequence[Step]) -> pd.DataFrame:
    """Posts per step; the index is the time at which a step begins."""
    frame = pd.DataFrame(
        {
            "posts": pd.array([step.posts for step in steps], dtype="int64"),
            "seconds": _real(step.seconds for step in steps),
        }
    )
    frame.index = pd.DatetimeIndex(_times(step.start for step in steps), name="time")
    return frame


def rising(rises: Sequence[Rise]) -> pd.DataFrame:
    """Rising hashtags, the most surprising topic first."""
    return pd.DataFrame(
        {
            "hashtag": _texts(rise.hashtag for rise in rises),
            "people": pd.array([rise.people for rise in rises], dtype="int64"),
            "expected": _real(rise.expected for rise in rises),
            "times": _real(rise.times for rise in rises),
            "posts": pd.array([rise.posts for rise in rises], dtype="int64"),
            "since": _times((rise.since for rise in rises), UTC_SECOND),
            "is_new": pd.array([rise.is_new for rise in rises], dtype="bool"),
            "source": _texts(rise.source for rise in rises),
            "lang": _texts(rise.lang for rise in rises),
            "topic": pd.array([rise.topic for rise in rises], dtype="int64"),
            "key": _texts(rise.key for rise in rises),
        }
    )


def alerts(found: Sequence[Alert]) -> pd.DataFrame:
    """Alerts, the newest first."""
    return pd.DataFrame(
        {
            "time": _times((alert.at for alert in found), UTC_SECOND),
            "rule": _texts(alert.rule for alert in found),
            "hashtag": _texts(alert.hashtag for alert in found),
            "rank": _whole(alert.rank for alert in found),
            "posts": _whole(alert.posts for alert in found),
            "sentence": _texts(alert.sentence for alert in found),
        }
    )


def _whole(values: Iterable[int | None]) -> pd.Series[int]:
    return pd.Series(list(values), dtype="Int64")


def _real(values: Iterable[float | None]) -> pd.Series[float]:
    return pd.Series(list(values), dtype="float64")


def _texts(values: Iterable[str | None]) -> pd.Series[str]:
    return pd.Series(list(values), dtype="object")


def _times(values: Iterable[datetime | None], kind: str = UTC_TIME) -> pd.Series[pd.Timestamp]:
    return pd.Series(list(values), dtype=kind)
