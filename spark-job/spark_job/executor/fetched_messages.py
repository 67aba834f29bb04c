"""What has to be parsed of messages of Kafka: the header that says what is counted, or the value.

It runs on executors, so it imports the standard library only.
"""

from collections.abc import Sequence
from itertools import compress


class FetchedMessages:
    """Messages that have a value, each with a number of its own, see `PARTITIONS_AT_MOST`."""

    def __init__(self) -> None:
        #: The headers `columns`, of messages that have one, and the numbers of these.
        self.rows: list[bytes] = []
        self.row_numbers: list[int] = []
        #: The values of the others, and their numbers.
        self.values: list[bytes] = []
        self.numbers: list[int] = []
        #: The bytes that have to be parsed.
        self.parsed_bytes = 0

    def __len__(self) -> int:
        return len(self.row_numbers) + len(self.numbers)

    def add(self, rows: Sequence[bytes | None], values: Sequence[bytes], numbers: Sequence[int]) -> None:
        """Add messages.

        Args:
            rows: The header `columns` of each, or None.
            values: The value of each.
            numbers: The number of each.

        """
        found = [row for row in rows if row is not None]
        self.rows.extend(found)
        self.parsed_bytes += sum(map(len, found))
        if len(found) == len(rows):
            self.row_numbers.extend(numbers)
            return
        has_row = [row is not None for row in rows]
        has_none = [row is None for row in rows]
        self.row_numbers.extend(compress(numbers, has_row))
        self.numbers.extend(compress(numbers, has_none))
        others = [*compress(values, has_none)]
        self.values.extend(others)
        self.parsed_bytes += sum(map(len, others))
