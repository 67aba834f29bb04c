"""What the rows of a micro-batch say of its posts."""

import pyarrow as pa
from tests.spark_job.conftest import T
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.tally import table

from spark_job.executor.counting import COUNTS_ARROW, skipped_posts
from spark_job.state.batch_rows import BatchRows, read_rows


def test_posts_times_and_sources_are_those_of_all_rows() -> None:
    posts = [post(["a", "b"], T + 12_000), post([], T, source="x"), post(["a"], T + 5, lang="de")]
    assert read_rows(table(posts, 17)) == BatchRows(17, 19, 3, 0, T, T + 5, frozenset({"demo", "x"}))


def test_the_last_time_is_that_of_the_highest_offset_that_can_be_read() -> None:
    counts = pa.concat_tables(
        [table([post([], T + 10_009), post([], T + 3)], 4), skipped_posts([3, 6]).cast(COUNTS_ARROW)]
    )
    assert read_rows(counts) == BatchRows(3, 6, 2, 2, T + 3, T + 3, frozenset({"demo"}))


def test_posts_that_can_not_be_read_have_neither_time_nor_source() -> None:
    assert read_rows(skipped_posts([3, 4]).cast(COUNTS_ARROW)) == BatchRows(3, 4, 0, 2, None, None, frozenset())
