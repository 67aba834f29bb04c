"""What tasks have counted arrives as it was sent."""

import pyarrow as pa
from tests.spark_job.support.fake_ingest import varied_posts
from tests.spark_job.support.tally import table

from spark_job.executor.counting import COUNTS_ARROW
from spark_job.executor.messages import MESSAGES_DDL, Counted, pack, unpack
from spark_job.executor.tag_pairs import PAIRS
from spark_job.executor.tag_uses import USES
from spark_job.state.tag_uses import NO_USES


def test_a_task_sends_one_row_with_the_columns_that_spark_is_told_of() -> None:
    message = pack(Counted(table(varied_posts(50), 0), NO_USES))
    assert (message.num_rows, message.schema.names) == (1, [each.split()[0] for each in MESSAGES_DDL.split(", ")])


def test_counts_of_all_tasks_arrive_one_behind_the_other() -> None:
    posts = varied_posts(90)
    sent = [table(posts[start : start + 30], 1_000 + start) for start in (0, 30, 60)]
    messages = pa.Table.from_batches([pack(Counted(counts, NO_USES)) for counts in sent])
    assert unpack(messages).counts.to_pylist() == [row for counts in sent for row in counts.to_pylist()]


def test_counts_in_pieces_are_sent_whole() -> None:
    counts = table(varied_posts(60), 0)
    pieces = pa.concat_tables([counts.slice(0, 10), counts.slice(10)])
    assert unpack(pa.Table.from_batches([pack(Counted(pieces, NO_USES))])).counts.equals(counts)


def test_a_large_message_is_packed() -> None:
    counts = table(varied_posts(5_000), 0)
    message = pack(Counted(counts, NO_USES))
    assert message.nbytes < counts.nbytes / 2
    assert unpack(pa.Table.from_batches([message])).counts.to_pylist() == counts.to_pylist()


def test_no_message_is_no_count() -> None:
    nothing = unpack(pa.table({name: pa.array([], pa.binary()) for name in Counted._fields}))
    assert [(len(table), table.schema) for table in nothing] == [(0, COUNTS_ARROW), (0, USES), (0, PAIRS)]


def test_uses_of_all_tasks_arrive_one_behind_the_other() -> None:
    rows = [
        {
            "pane_ms": 10,
            "source": "x",
            "lang": "en",
            "key": key,
            "author": 2**64 - 1,
            "text": None,
            "posts": 2,
            "level": 1,
        }
        for key in ("a", "b", None)
    ]
    sent = [pa.Table.from_pylist(rows[:2], USES), NO_USES, pa.Table.from_pylist(rows[2:], USES)]
    messages = pa.Table.from_batches([pack(Counted(table([], 0), uses)) for uses in sent])
    assert unpack(messages).uses.to_pylist() == rows
