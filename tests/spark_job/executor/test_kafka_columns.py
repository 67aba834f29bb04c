"""The header `columns` of a message stands for its value. One that is no row of the contract is skipped alone."""

import pyarrow as pa
import pytest

from spark_job.executor.kafka_columns import ROWS_ARROW, parse_rows
from spark_job.executor.kafka_posts import read_rows
from spark_job.executor.message_times import MOST_AHEAD_MS
from spark_job.executor.posts import UnreadableError

T = 1_795_176_000_000
ROW = f"{T}\tdemo\ten\tann\t18446744073709551615\ta\x1fb\tA\x1fB".encode()


def read(*rows: bytes) -> tuple[list[int], list[int]]:
    """The numbers of the posts that were read, and those that were skipped, in their order."""
    tables, skipped = read_rows([*rows], [*range(len(rows))], T)
    assert all(table.schema == ROWS_ARROW for table in tables)
    return pa.concat_tables([ROWS_ARROW.empty_table(), *tables])["offset"].to_pylist(), sorted(skipped)


def test_a_row_is_a_post() -> None:
    bare = f"{T + 1}\tbluesky\tund\t\t\t\t".encode()
    quoted = f'{T + 2}\t"x"\tja\t"ann",#1 \\ \t7\tа́\t"'.encode()
    assert parse_rows([ROW, bare, quoted], [7, 8, 9]).to_pylist() == [
        {"offset": 7, "at_ms": T, "lang": "en", "source": "demo", "author": "ann", "text": (1 << 64) - 1,
         "tags": [{"key": "a", "label": "A"}, {"key": "b", "label": "B"}]},
        {"offset": 8, "at_ms": T + 1, "lang": "und", "source": "bluesky", "author": None, "text": None, "tags": []},
        {"offset": 9, "at_ms": T + 2, "lang": "ja", "source": '"x"', "author": '"ann",#1 \\ ', "text": 7,
         "tags": [{"key": "а́", "label": '"'}]},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "foreign",
    [
        b"",
        b"\n",
        b"hello",
        b"\x00\x00\x01avro",
        ROW + b"\tmore",
        ROW + b"\n" + ROW,
        ROW.replace(b"\t", b"\r", 1),
        ROW.replace(b"1795", b"soon"),
        ROW.replace(b"1795", b"-1795"),
        ROW.replace(b"18446744073709551615", b"18446744073709551616"),
        ROW.replace(b"ann", b"\xff"),
        ROW.replace(b"A\x1fB", b"A"),
        ROW.replace(b"a\x1fb", b"a\x1f"),
        ROW.replace(b"1795176000000", str(T + MOST_AHEAD_MS + 1).encode()),
    ],
)
def test_a_header_that_is_no_row_is_skipped_alone(foreign: bytes) -> None:
    assert read(ROW, foreign, ROW, ROW) == ([0, 2, 3], [1])
    assert read(foreign) == ([], [0])


def test_many_other_headers_are_skipped() -> None:
    assert read(*[b"no row", ROW] * 500) == ([*range(1, 1000, 2)], [*range(0, 1000, 2)])


def test_a_row_that_is_longer_than_a_block_is_read() -> None:
    long = ROW.replace(b"ann", b"a" * (5 << 20))
    assert read(ROW, long) == ([0, 1], [])


def test_a_missing_name_is_unknown_and_a_missing_label_is_the_key() -> None:
    (post,) = parse_rows([f"{T}\t\t\tann\t\ta\x1fb\tA\x1f".encode()], [0]).to_pylist()
    assert (post["source"], post["lang"]) == ("unknown", "und")
    assert post["tags"] == [{"key": "a", "label": "A"}, {"key": "b", "label": "b"}]


def test_labels_without_keys_are_refused() -> None:
    with pytest.raises(UnreadableError, match="labels"):
        parse_rows([f"{T}\tdemo\ten\tann\t\ta\tA\x1fB".encode()], [0])
