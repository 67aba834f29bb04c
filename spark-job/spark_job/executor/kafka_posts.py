"""Parse the values of Kafka's messages into tables of posts. A value that is no post is skipped alone.

It runs on executors, so it imports pyarrow and the standard library only.
"""

import logging
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from spark_job.executor.posts import LINES_ARROW, UnreadableError, parse_lines
from spark_job.executor.printable import printable

logger = logging.getLogger(__name__)

#: A time so far ahead of the clock of this machine is no time of a post. It would move the window there.
MOST_AHEAD_MS = 600_000
_FIELDS = pa.schema([field for field in LINES_ARROW if field.name != "offset"])
_BRACE, _BEHIND_BRACE = b"{", b"|"


def read_values(values: Sequence[bytes], numbers: Sequence[int], now_ms: int) -> tuple[list[pa.Table], list[int]]:
    """Read the values of messages.

    Values that can't be parsed are halved until the broken one is alone.

    Args:
        values: One JSON object each.
        numbers: A different number for each, which becomes the `offset` of its post.
        now_ms: The time of this machine, in ms since 1970.

    Returns:
        Tables of `LINES_ARROW` with the posts that can be read, and the numbers of the others.

    """
    if not values:
        return [], []
    try:
        return [_parse(values, numbers, now_ms)], []
    except UnreadableError as error:
        if len(values) == 1:
            logger.debug("a message is skipped: %s", printable(error))
            return [], [*numbers]
    objects = [place for place, value in enumerate(values) if value.lstrip()[:1] == _BRACE]
    if len(objects) < len(values):
        # Messages of another format are mostly many.
        found, skipped = read_values(
            [values[place] for place in objects], [numbers[place] for place in objects], now_ms
        )
        return found, skipped + [numbers[place] for place in sorted({*range(len(values))}.difference(objects))]
    middle = len(values) // 2
    found, skipped = read_values(values[:middle], numbers[:middle], now_ms)
    more, also_skipped = read_values(values[middle:], numbers[middle:], now_ms)
    return found + more, skipped + also_skipped


def _parse(values: Sequence[bytes], numbers: Sequence[int], now_ms: int) -> pa.Table:
    """The posts of all values.

    Raises:
        UnreadableError: One of them is none.

    """
    where = f"{len(values)} messages"
    # So each value begins an object, and as many rows as values mean one object in each.
    if len(values) > 1 and (min(values) < _BRACE or max(values) >= _BEHIND_BRACE):
        raise UnreadableError(f"of {where} some are no objects")
    table = parse_lines(b"\n".join(values), len(values), where, _FIELDS)
    newest_ms = pc.max(table["at_ms"]).as_py()
    if newest_ms > now_ms + MOST_AHEAD_MS:
        raise UnreadableError(f"of {where} some are of the future: {newest_ms}")
    return table.add_column(0, LINES_ARROW.field("offset"), pa.array(numbers, pa.int64()))
