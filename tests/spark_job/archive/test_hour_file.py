"""What is in a file of the archive, beside its rows."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from spark_job.archive.hour_file import ABOUT, About, about_file, write_hour
from spark_job.archive.hour_rows import ROWS_ARROW

T = 1_795_176_000_000
HERE = About(id="1-1", hour_ms=T, counted_from_ms=T, missing_ms=0, dropped_posts=2, min_posts=5)


def table() -> pa.Table:
    values = [[T], ["demo"], ["en"], ["rain"], ["Rain"], [7], [6], [1], [6], [1]]
    columns = [pa.array(column).cast(field.type) for column, field in zip(values, ROWS_ARROW, strict=True)]
    return pa.table(columns, schema=ROWS_ARROW)


def test_a_file_has_the_columns_with_their_types_and_says_what_it_is(tmp_path: Path) -> None:
    path = write_hour(tmp_path, HERE, table().to_reader())
    read = pq.read_table(path, partitioning=None)
    assert read == table()
    assert read.schema.field("minute") == ROWS_ARROW.field("minute")
    assert about_file(path) == HERE


def test_a_file_of_an_earlier_version_is_read_and_replaced_by_the_same_decision(tmp_path: Path) -> None:
    path = write_hour(tmp_path, HERE, table().to_reader())
    # It had the schema of Arrow, and a dictionary for each column.
    about = json.dumps({name: getattr(HERE, name) for name in About.__struct_fields__})
    pq.write_table(table().replace_schema_metadata({ABOUT: about}), path, compression="zstd")
    assert about_file(path) == HERE
    assert write_hour(tmp_path, HERE, table().to_reader()) == path
    assert pq.read_table(path, partitioning=None) == table()
