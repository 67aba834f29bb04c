"""The position in a topic: the next offset of each partition. It changes in the transaction that counts its posts."""

from collections.abc import Mapping, Sequence

import duckdb

from spark_job.executor.kafka_slices import CountedSlice
from spark_job.state.batch_rows import CountedTwiceError

SCHEMA = "CREATE TABLE IF NOT EXISTS positions (kafka_partition INTEGER, next_offset BIGINT);"


class Positions:
    """The table. It is empty if the log is the spool. Its methods are called inside the transactions of `State`."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db

    def read(self) -> dict[int, int]:
        """The next offset of each partition. A partition that is missing begins at 0: it was added to the topic."""
        rows = self._db.execute("SELECT kafka_partition, next_offset FROM positions ORDER BY kafka_partition")
        return dict(rows.fetchall())

    def begin(self, positions: Mapping[int, int]) -> None:
        """Begin an epoch here."""
        self._db.execute("DELETE FROM positions")
        for partition, offset in positions.items():
            self._db.execute("INSERT INTO positions VALUES (?, ?)", [partition, offset])

    def move(self, slices: Sequence[CountedSlice]) -> None:
        """Move behind slices that are counted.

        Raises:
            CountedTwiceError: One of them does not begin at the position of its partition.

        """
        if not slices:
            return
        before = self.read()
        after = moved(before, slices)
        for partition in {each.partition for each in slices}:
            if partition in before:
                change = "UPDATE positions SET next_offset = $offset WHERE kafka_partition = $partition"
            else:
                change = "INSERT INTO positions VALUES ($partition, $offset)"
            self._db.execute(change, {"partition": partition, "offset": after[partition]})


def moved(before: Mapping[int, int], slices: Sequence[CountedSlice]) -> dict[int, int]:
    """The position behind slices, each of which begins where the one before has ended.

    Raises:
        CountedTwiceError: One of them begins elsewhere.

    """
    after = dict(before)
    for each in sorted(slices, key=lambda one: (one.partition, one.start)):
        expected = after.get(each.partition, 0)
        if each.start != expected or each.end < each.start:
            raise CountedTwiceError(
                f"a micro-batch begins at {each.start} of partition {each.partition}, but {expected} is the next to "
                "count"
            )
        after[each.partition] = each.end
    return after
