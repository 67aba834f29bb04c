"""The posts of single panes, closed and open, as the memory of the rankings has them."""

from collections.abc import Iterable

from spark_job.ranking.closed_rows import ClosedRows
from spark_job.ranking.open_counts import OpenCounts
from spark_job.ranking.tag_details import TagDetails
from spark_job.state.tag_sums import WHOLE


class PanePosts:
    """Reads what the newest snapshot was made from: the panes of the window and of the window before it."""

    def __init__(self, opened: OpenCounts, rows: ClosedRows, details: TagDetails) -> None:
        self._opened = opened
        self._rows = rows
        self._details = details

    def of_all(self, panes: Iterable[int]) -> list[int]:
        """All posts, those without tags too, of the panes with these starts."""
        opened = self._opened.panes
        return [
            self._rows.all_posts(at_ms) + (opened[at_ms].posts.get(WHOLE, 0) if at_ms in opened else 0)
            for at_ms in panes
        ]

    def of_tag(self, key: str, panes: Iterable[int]) -> list[int]:
        """The posts of a tag in the panes with these starts."""
        return self._details.posts_in(key, panes)
