"""Parse Kafka's messages into tables of posts. A message that is no post is skipped alone.

It runs on executors, so it imports pyarrow and the standard library only.
"""

import logging
from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from spark_job.executor.kafka_columns import parse_rows
from spark_job.executor.posts import LINES_ARROW, UnreadableError, parse_lines
from spark_job.executor.printable import printable

logger = logging.getLogger(__name__)

#: A time so far ahead of the clock of this machine is no time of a post. It would move the window there.
MOST_AHEAD_MS = 600_000
_FIELDS = pa.schema([field for field in LINES_ARROW if field.name != "offset"])
_BRACE, _BEHIND_BRACE = b"{", b"|"

#: Parse messages that have these numbers. It raises UnreadableError if one of them is no post.
Parse = Callable[[Sequence[bytes], Sequence[int]], pa.Table]
#: Tables of the posts that can be read, and the numbers of the other messages.
Found = tuple[list[pa.Table], list[int]]


def read_values(values: Sequence[bytes], numbers: Sequence[int], now_ms: int) -> Found:
    """Read the values of messages.

    Args:
        values: One JSON object each.
        numbers: A different number for each, which becomes the `offset` of its post.
        now_ms: The time of this machine, in ms since 1970.

    Returns:
        Tables of `LINES_ARROW` with the posts that can be read, and the numbers of the others.

    """
    if values and min(values) >= _BRACE and max(values) < _BEHIND_BRACE:
        return _read(_parse_values, values, numbers, now_ms)
    # Messages of another format are mostly many, so they are not searched one by one.
    objects = [place for place, value in enumerate(values) if value.lstrip()[:1] == _BRACE]
    foreign = [numbers[place] for place in sorted({*range(len(values))}.difference(objects))]
    stripped = [values[place].lstrip() for place in objects]
    found, skipped = _read(_parse_values, stripped, [numbers[place] for place in objects], now_ms)
    return found, foreign + skipped


def read_rows(rows: Sequence[bytes], numbers: Sequence[int], now_ms: int) -> Found:
    """Read the headers `columns` of messages; see `read_values`. The tables are of `ROWS_ARROW`."""
    return _read(parse_rows, rows, numbers, now_ms)


def _read(parse: Parse, messages: Sequence[bytes], numbers: Sequence[int], now_ms: int) -> Found:
    """Messages that can't be parsed are halved until the broken one is alone."""
    if not messages:
        return [], []
    try:
        return [_without_future(parse(messages, numbers), now_ms)], []
    except UnreadableError as error:
        if len(messages) == 1:
            logger.debug("a message is skipped: %s", printable(error))
            return [], [*numbers]
    middle = len(messages) // 2
    found, skipped = _read(parse, messages[:middle], numbers[:middle], now_ms)
    more, also_skipped = _read(parse, messages[middle:], numbers[middle:], now_ms)
    return found + more, skipped + also_skipped


def _without_future(table: pa.Table, now_ms: int) -> pa.Table:
    newest_ms = pc.max(table["at_ms"]).as_py()
    if newest_ms > now_ms + MOST_AHEAD_MS:
        raise UnreadableError(f"of {len(table)} messages some are of the future: {newest_ms}")
    return table


def _parse_values(values: Sequence[bytes], numbers: Sequence[int]) -> pa.Table:
    """The posts of values that begin as an object. So as many rows as values mean one object in each."""
    table = parse_lines(b"\n".join(values), len(values), f"{len(values)} messages", _FIELDS)
    return table.add_column(0, LINES_ARROW.field("offset"), pa.array(numbers, pa.int64()))
