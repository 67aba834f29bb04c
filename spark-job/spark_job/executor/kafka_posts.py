"""Parse Kafka's messages into tables of posts. A message that is no post is skipped alone.

It runs on executors, so it imports pyarrow and the standard library only.
"""

import logging
from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from spark_job.executor.kafka_columns import parse_rows
from spark_job.executor.message_times import MessageTimes
from spark_job.executor.posts import LINES_ARROW, UnreadableError, are_posts, parse_lines
from spark_job.executor.printable import printable

logger = logging.getLogger(__name__)

_FIELDS = pa.schema([field for field in LINES_ARROW if field.name != "offset"])
_BRACE, _BEHIND_BRACE = b"{", b"|"

#: Parse messages that have these numbers, each to a row. It raises UnreadableError if one of them can't be parsed.
Parse = Callable[[Sequence[bytes], Sequence[int]], pa.Table]
#: Tables of the posts that can be read, and the numbers of the other messages.
Found = tuple[list[pa.Table], list[int]]


def read_values(
    values: Sequence[bytes], numbers: Sequence[int], now_ms: int, times: MessageTimes | None = None
) -> Found:
    """Read the values of messages.

    Args:
        values: One JSON object each.
        numbers: A different number for each, which becomes the `offset` of its post.
        now_ms: The time of the clock, in ms since 1970.
        times: The times of the messages before. None: they are not known.

    Returns:
        Tables of `LINES_ARROW` with the posts that can be read, and the numbers of the others.

    """
    if values and min(values) >= _BRACE and max(values) < _BEHIND_BRACE:
        return _without_future(_read(_parse_values, values, numbers), now_ms, times)
    # Messages of another format are mostly many, so they are not searched one by one.
    objects = [place for place, value in enumerate(values) if value.lstrip()[:1] == _BRACE]
    foreign = [numbers[place] for place in sorted({*range(len(values))}.difference(objects))]
    stripped = [values[place].lstrip() for place in objects]
    found, skipped = _read(_parse_values, stripped, [numbers[place] for place in objects])
    return _without_future((found, foreign + skipped), now_ms, times)


def read_rows(rows: Sequence[bytes], numbers: Sequence[int], now_ms: int, times: MessageTimes | None = None) -> Found:
    """Read the headers `columns` of messages; see `read_values`. The tables are of `ROWS_ARROW`."""
    return _without_future(_read(parse_rows, rows, numbers), now_ms, times)


def _read(parse: Parse, messages: Sequence[bytes], numbers: Sequence[int]) -> Found:
    """Messages that can't be parsed are halved until the broken one is alone."""
    if not messages:
        return [], []
    try:
        table = parse(messages, numbers)
    except UnreadableError as error:
        if len(messages) == 1:
            logger.debug("a message is skipped: %s", printable(error))
            return [], [*numbers]
    else:
        return _only(table, are_posts(table))
    middle = len(messages) // 2
    found, skipped = _read(parse, messages[:middle], numbers[:middle])
    more, also_skipped = _read(parse, messages[middle:], numbers[middle:])
    return found + more, skipped + also_skipped


def _only(table: pa.Table, are_good: pa.ChunkedArray) -> Found:
    """The rows that are good, and the numbers of the others."""
    if pc.all(are_good).as_py():
        return [table], []
    return [table.filter(are_good).combine_chunks()], table["offset"].filter(pc.invert(are_good)).to_pylist()


def _without_future(read: Found, now_ms: int, times: MessageTimes | None) -> Found:
    """Messages with times of the future are no posts."""
    tables, skipped = read
    latest_ms = (times or MessageTimes()).latest_ms(tables, now_ms)
    parts = [_only(table, pc.less_equal(table["at_ms"], latest_ms)) for table in tables]
    found = [table for kept, _ in parts for table in kept if len(table)]
    return found, skipped + [number for _, others in parts for number in others]


def _parse_values(values: Sequence[bytes], numbers: Sequence[int]) -> pa.Table:
    """The posts of values that begin as an object. So as many rows as values mean one object in each."""
    table = parse_lines(b"\n".join(values), len(values), f"{len(values)} messages", _FIELDS)
    return table.add_column(0, LINES_ARROW.field("offset"), pa.array(numbers, pa.int64()))
