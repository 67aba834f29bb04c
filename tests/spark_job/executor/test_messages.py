"""Counts arrive as they were sent."""

import pyarrow as pa
from tests.spark_job.support.fake_ingest import varied_posts
from tests.spark_job.support.tally import table

from spark_job.executor.counting import COUNTS_ARROW
from spark_job.executor.messages import MESSAGES_DDL, pack, unpack


def test_a_task_sends_one_row_with_the_column_that_spark_is_told_of() -> None:
    message = pack(table(varied_posts(50), 0))
    assert (message.num_rows, message.schema.names) == (1, [MESSAGES_DDL.split()[0]])


def test_counts_of_all_tasks_arrive_one_behind_the_other() -> None:
    posts = varied_posts(90)
    sent = [table(posts[start : start + 30], 1_000 + start) for start in (0, 30, 60)]
    messages = pa.Table.from_batches([pack(counts) for counts in sent])
    assert unpack(messages).to_pylist() == [row for counts in sent for row in counts.to_pylist()]


def test_counts_in_pieces_are_sent_whole() -> None:
    counts = table(varied_posts(60), 0)
    pieces = pa.concat_tables([counts.slice(0, 10), counts.slice(10)])
    assert unpack(pa.Table.from_batches([pack(pieces)])).equals(counts)


def test_a_large_message_is_packed() -> None:
    counts = table(varied_posts(5_000), 0)
    message = pack(counts)
    assert message.nbytes < counts.nbytes / 2
    assert unpack(pa.Table.from_batches([message])).to_pylist() == counts.to_pylist()


def test_no_message_is_no_count() -> None:
    nothing = unpack(pa.table({"counts": pa.array([], pa.binary())}))
    assert (nothing.num_rows, nothing.schema) == (0, COUNTS_ARROW)
