"""What tasks have counted arrives as it was sent."""

import pyarrow as pa
from tests.spark_job.support.fake_ingest import varied_posts
from tests.spark_job.support.tally import table

from spark_job.executor.counting import COUNTS_ARROW
from spark_job.executor.kafka_slices import CountedSlice
from spark_job.executor.messages import MESSAGES_DDL, PACKED_PAIRS, TABLES, Counted, from_message, pack, unpack
from spark_job.executor.tag_pairs import PAIRS
from spark_job.executor.tag_uses import USES
from spark_job.executor.task_facts import TaskFacts, facts_of
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
    nothing = unpack(pa.table({name: pa.array([], pa.binary()) for name in TABLES}))
    tables = nothing.counts, nothing.uses, nothing.pairs
    assert [(len(table), table.schema) for table in tables] == [(0, COUNTS_ARROW), (0, USES), (0, PACKED_PAIRS)]
    assert nothing.slices == []


def test_the_slices_of_a_topic_arrive_beside_the_facts_of_the_task() -> None:
    slices = [[CountedSlice(0, 5, 9, 3, newest_at_ms=7)], [CountedSlice(1, 0, 4, deleted=1, deleted_ids=("demo:1",))]]
    facts = TaskFacts("host", 1, 2, 0, 4, 3, 10, 20, None)
    sent = [pack(Counted(table([], 0), NO_USES, slices=each), facts) for each in slices]
    messages = pa.Table.from_batches(sent)
    assert unpack(messages).slices == [one for each in slices for one in each]
    assert facts_of(messages) == [facts, facts]


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


def test_the_pairs_of_each_task_arrive_as_a_message_of_their_own() -> None:
    rows = [
        {"pane_ms": at_ms, "key": key, "other": "z", "posts": 3} for at_ms, key in ((10, "a"), (20, "b"), (10, "c"))
    ]
    sent = [pa.Table.from_pylist(some, PAIRS) for some in (rows, [], rows[2:])]
    messages = pa.Table.from_batches([pack(Counted(table([], 0), NO_USES, pairs)) for pairs in sent])
    found = unpack(messages).pairs.to_pylist()
    assert [(row["pane_ms"], row["panes"], row["rows"]) for row in found] == [(20, 2, 3), (10, 1, 1)]
    assert [from_message(row["pairs"]).to_pylist() for row in found] == [rows, rows[2:]]
