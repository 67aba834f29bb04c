"""Find a tag that may lead nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.api.tag_details import find
from dashboard.job.client import JobUnreachableError

if TYPE_CHECKING:
    from dashboard.job.tags import CountedTag, JobTags
    from dashboard.snapshots.latest import Latest


def counted_tag(latest: Latest, tags: JobTags, key: str) -> CountedTag | None:
    """The tag as the job counts it. None if it leads in the window, or if the job does not know it or can't say."""
    shown = latest.shown
    if shown is None or not key or find(key, shown.snapshot.window.top) is not None:
        return None
    try:
        return tags.find(key, shown.order)
    except JobUnreachableError:
        return None
