"""Columns of the log are counted as lines are. Columns that can't be used cost no post: the lines are read then."""

import json
import logging
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.spark_job.conftest import PANE_MS, T
from tests.spark_job.support.columns import NAMES, SCHEMA, stream
from tests.spark_job.support.fake_ingest import FakeIngest, post, varied_posts
from tests.spark_job.support.tally import tally

from spark_job.executor import data_source, task_counts
from spark_job.executor.columns import offers_columns, parse_columns
from spark_job.executor.data_source import CountsReader, LogReplacedError, OffsetRange
from spark_job.executor.ingest_client import Slice
from spark_job.executor.messages import unpack
from spark_job.executor.posts import MAX_KEY_BYTES, MAX_TIME_MS, POSTS_AND_PEOPLE_ARROW, UnreadableError


def row(offset: int, **fields: Any) -> dict[str, Any]:
    return {
        "offset": offset,
        "at_ms": T + offset,
        "source": "demo",
        "lang": "en",
        "author": 2**63 + offset,
        "tags": [{"key": "a", "label": "A"}],
    } | fields


def piece(body: bytes, first: int = 0, posts: int = 4) -> Slice:
    return Slice("log-a", first, posts, bytearray(body))


def renamed(**types: pa.DataType) -> pa.Schema:
    """The schema of the contract with other types, or without the columns whose type is null."""
    fields = [pa.field(field.name, types.get(field.name, field.type)) for field in SCHEMA]
    return pa.schema([field for field in fields if not pa.types.is_null(field.type)])


def raw_text(*texts: bytes) -> pa.Array:
    """Texts whose bytes nobody has checked."""
    return pa.array(texts, pa.binary()).cast(pa.string(), safe=False)


def stream_of(**columns: pa.Array) -> bytes:
    """A stream of four posts with other arrays."""
    whole = pa.RecordBatch.from_pylist([row(n) for n in range(4)], SCHEMA)
    arrays = [columns.get(field.name, whole[field.name]) for field in SCHEMA]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=SCHEMA))
    return bytes(sink.getvalue().to_pybytes())


def tags_with(keys: pa.Array, labels: pa.Array) -> pa.Array:
    return pa.ListArray.from_arrays([0, 1, 2, 3, 4], pa.StructArray.from_arrays([keys, labels], ["key", "label"]))


def wrong_lists() -> bytes:
    """A stream whose lists end behind the tags."""
    right, wrong = (struct.pack("<5i", 0, 1, 2, 3, last) for last in (4, 1 << 30))
    body = stream([[row(n) for n in range(4)]])
    assert right in body
    return body.replace(right, wrong, 1)


FOUR = [row(n) for n in range(4)]
WHOLE = stream([FOUR])
PLAIN = raw_text(b"a", b"b", b"c", b"d")
BROKEN = {
    "no bytes": b"",
    "no Arrow": b"GARBAGE\n" * 9,
    "lines": b"".join(json.dumps(each).encode() + b"\n" for each in FOUR),
    "a torn stream": WHOLE[: len(WHOLE) // 2],
    "the schema alone": stream([]),
    "no rows": stream([[]]),
    "too few rows": stream([FOUR[:3]]),
    "rows from the second one on": stream([[row(n) for n in range(1, 6)]]),
    "a gap": stream([[row(n) for n in (0, 1, 3, 4)]]),
    "a gap between runs": stream([FOUR[:2], [row(3), row(4)]]),
    "an offset twice": stream([[row(n) for n in (0, 1, 1, 2, 3)]]),
    "another order": stream([[row(n) for n in (0, 2, 1, 3)]]),
    "an offset that is null": stream([[*FOUR[:2], row(2) | {"offset": None}, row(3)]]),
    "a time that is null": stream([[*FOUR[:2], row(2, at_ms=None), row(3)]]),
    "a time below zero": stream([[*FOUR[:2], row(2, at_ms=-1), row(3)]]),
    "a time in the year 10000": stream([[*FOUR[:2], row(2, at_ms=MAX_TIME_MS + 1), row(3)]]),
    "a tag that is null": stream([[*FOUR[:2], row(2, tags=[None]), row(3)]]),
    "a key that is null": stream([[*FOUR[:2], row(2, tags=[{"key": None, "label": "A"}]), row(3)]]),
    "an empty key": stream([[*FOUR[:2], row(2, tags=[{"key": "", "label": "A"}]), row(3)]]),
    "a very long key": stream([[*FOUR[:2], row(2, tags=[{"key": "x" * (MAX_KEY_BYTES + 1), "label": "A"}]), row(3)]]),
    "a key that is not UTF-8": stream_of(tags=tags_with(raw_text(b"a", b"\xff", b"c", b"d"), PLAIN)),
    "a label that is not UTF-8": stream_of(tags=tags_with(PLAIN, raw_text(b"a", b"b", b"\xc3", b"d"))),
    "a language that is not UTF-8": stream_of(lang=raw_text(b"en", b"\xff", b"en", b"en")),
    "a source that is not UTF-8": stream_of(source=raw_text(b"x", b"x", b"x\xff", b"x")),
    "lists that end behind the tags": wrong_lists(),
    "offsets as numbers of 32 bits": stream([FOUR], renamed(offset=pa.int32())),
    "times as fractions": stream([FOUR], renamed(at_ms=pa.float64())),
    "long texts": stream([FOUR], renamed(lang=pa.large_string())),
    "tags as texts": stream([[row(n, tags=["a"]) for n in range(4)]], renamed(tags=pa.list_(pa.string()))),
    "tags with one name": stream([FOUR], renamed(tags=pa.list_(pa.struct([("key", pa.string())])))),
    "tags that are no lists": stream([[row(n, tags="a") for n in range(4)]], renamed(tags=pa.string())),
    "no column of tags": stream([FOUR], renamed(tags=pa.null())),
    "no column of languages": stream([FOUR], renamed(lang=pa.null())),
}


@pytest.mark.parametrize("name", BROKEN)
def test_columns_outside_the_contract_are_an_error(name: str) -> None:
    with pytest.raises(UnreadableError, match="columns of the posts from offset 0"):
        parse_columns(piece(BROKEN[name]))


@pytest.mark.parametrize("name", BROKEN)
def test_columns_outside_the_contract_cost_no_post(name: str) -> None:
    with FakeIngest(run_posts=4) as ingest:
        ingest.append(*(post(["A"], T + n) for n in range(4)))
        header = {"log": "log-a", "first": 0, "posts": 4, "bytes": len(BROKEN[name])}
        ingest.wrong_answers.append(json.dumps(header).encode() + b"\n" + BROKEN[name])
        assert counted(reader_of(ingest), 0, 4) == sorted(tally([post(["A"], T + n) for n in range(4)], 0), key=repr)
        assert ingest.requests == ["READ 0 4"]


def test_the_rows_before_and_behind_the_requested_ones_are_dropped() -> None:
    runs = stream([[row(n) for n in range(5)], [row(n) for n in range(5, 10)]])
    for first in range(10):
        for posts in range(1, 11 - first):
            found = parse_columns(piece(runs, first, posts))
            assert found["offset"].to_pylist() == list(range(first, first + posts))


def test_columns_that_are_unknown_or_in_another_order_do_not_matter() -> None:
    schema = pa.schema([("text_hash", pa.uint64()), *reversed([*SCHEMA]), ("url", pa.string())])
    found = parse_columns(piece(stream([[each | {"text_hash": 7} for each in FOUR]], schema)))
    assert found == parse_columns(piece(WHOLE))
    assert found.schema == POSTS_AND_PEOPLE_ARROW


def test_names_of_list_items_and_flags_for_null_do_not_matter() -> None:
    tag = pa.struct([pa.field("key", pa.string(), nullable=False), pa.field("label", pa.string())])
    tags = pa.list_(pa.field("tag", tag, nullable=False))
    assert parse_columns(piece(stream([FOUR], renamed(tags=tags)))) == parse_columns(piece(WHOLE))


@pytest.mark.parametrize("codec", ["lz4", "zstd"])
def test_a_compressed_stream_is_read(codec: str) -> None:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA, options=pa.ipc.IpcWriteOptions(compression=codec)) as writer:
        writer.write_table(pa.Table.from_pylist(FOUR, SCHEMA))
    assert parse_columns(piece(sink.getvalue().to_pybytes())) == parse_columns(piece(WHOLE))


@pytest.mark.parametrize(
    ("fields", "lang", "source", "tags"),
    [
        ({"lang": None, "source": None, "tags": None}, "und", "unknown", []),
        ({"lang": "", "source": "", "tags": []}, "und", "unknown", []),
        ({"lang": "é" * 101, "source": "y" * 5_000}, "und", "unknown", [("a", "A")]),
        ({"tags": [{"key": "b", "label": None}, {"key": "c", "label": "C"}]}, "en", "demo", [("b", "b"), ("c", "C")]),
        ({"tags": [{"key": "b", "label": "x" * 9_000}]}, "en", "demo", [("b", "b")]),
        ({"author": None}, "en", "demo", [("a", "A")]),
    ],
)
def test_missing_fields_get_the_values_that_they_get_in_lines(
    fields: dict[str, Any], lang: str, source: str, tags: list[tuple[str, str]]
) -> None:
    found = parse_columns(piece(stream([[*FOUR[:2], row(2, **fields), row(3)]]))).to_pylist()
    assert [(each["lang"], each["source"]) for each in found] == [("en", "demo")] * 2 + [(lang, source), ("en", "demo")]
    assert [(tag["key"], tag["label"]) for tag in found[2]["tags"] or []] == tags


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_stream_with_any_wrong_bytes_is_read_or_refused(data: st.DataObject) -> None:
    body = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    try:
        found = parse_columns(piece(bytes(body)))
    except UnreadableError:
        return
    assert found["offset"].to_pylist() == [0, 1, 2, 3]
    found.validate(full=True)


def reader_of(ingest: FakeIngest, start: int = 0, max_posts: int = 1_000) -> CountsReader:
    options = {"host": "127.0.0.1", "port": ingest.port, "log": "log-a", "start": start, "max_posts": max_posts}
    return CountsReader({name: str(value) for name, value in (options | {"partitions": 1, "pane_ms": PANE_MS}).items()})


def counted(reader: CountsReader, start: int, end: int, *, columns: bool = True) -> list[tuple[Any, ...]]:
    messages = [*reader.read(OffsetRange(start, end, columns=columns))]
    counts = unpack(pa.Table.from_batches(messages)).counts.to_pylist() if messages else []
    return sorted((tuple(each.values()) for each in counts), key=repr)


@pytest.fixture
def ingest() -> Iterator[FakeIngest]:
    with FakeIngest(run_posts=7) as fake:
        fake.append(*varied_posts(100))
        yield fake


MakeSmall = Callable[..., None]


@pytest.fixture
def make_small(monkeypatch: pytest.MonkeyPatch) -> MakeSmall:
    def make(**bounds: int) -> None:
        for name, bound in bounds.items():
            monkeypatch.setattr(task_counts if hasattr(task_counts, name) else data_source, name, bound)

    return make


def expected(start: int, end: int) -> list[tuple[Any, ...]]:
    return sorted(tally(varied_posts(100)[start:end], start), key=repr)


@pytest.mark.parametrize(("start", "end"), [(0, 100), (3, 4), (6, 8), (13, 61), (99, 100)])
def test_columns_are_counted_as_lines_are(ingest: FakeIngest, start: int, end: int) -> None:
    assert counted(reader_of(ingest), start, end) == expected(start, end)
    assert counted(reader_of(ingest), start, end, columns=False) == expected(start, end)
    assert ingest.requests == [f"READ {start} {end} columns", f"READ {start} {end}"]


def test_a_range_is_read_piece_by_piece_and_counted_once(ingest: FakeIngest, make_small: MakeSmall) -> None:
    make_small(POSTS_PER_COLUMNS=30)
    assert counted(reader_of(ingest), 5, 100) == expected(5, 100)
    assert ingest.requests == [f"READ {at} {min(at + 30, 100)} columns" for at in (5, 35, 65, 95)]


def test_a_range_with_many_bytes_is_counted_in_parts(ingest: FakeIngest, make_small: MakeSmall) -> None:
    make_small(POSTS_PER_COLUMNS=10, COUNT_BYTES=2_000)
    assert counted(reader_of(ingest), 0, 100) == expected(0, 100)


def test_trimmed_posts_are_left_out(ingest: FakeIngest, make_small: MakeSmall) -> None:
    make_small(POSTS_PER_COLUMNS=10)
    ingest.trim(25)
    assert counted(reader_of(ingest), 0, 60) == expected(25, 60)
    assert counted(reader_of(ingest), 0, 20) == []


def test_fewer_posts_than_promised_end_the_query(ingest: FakeIngest) -> None:
    with pytest.raises(LogReplacedError, match="98 to 104 were promised, 100 is the end"):
        counted(reader_of(ingest), 98, 104)


def test_columns_of_another_log_are_not_taken(ingest: FakeIngest) -> None:
    ingest.log = "log-b"
    with pytest.raises(LogReplacedError, match="log log-a is now log-b"):
        counted(reader_of(ingest), 0, 5)


def test_a_hang_up_in_the_middle_of_the_columns_is_read_again(ingest: FakeIngest) -> None:
    whole = ingest.answer(["READ", "0", "100", "columns"])
    ingest.wrong_answers.extend([whole[:-20], whole[:10], b""])
    assert counted(reader_of(ingest), 0, 100) == expected(0, 100)
    assert ingest.requests[1:] == ["READ 0 100 columns"]


def test_only_the_broken_post_of_a_piece_without_columns_is_skipped(
    ingest: FakeIngest, make_small: MakeSmall, caplog: pytest.LogCaptureFixture
) -> None:
    make_small(POSTS_PER_COLUMNS=20)
    ingest.lines[45] = b"GARBAGE\n"
    with caplog.at_level(logging.WARNING):
        counts = counted(reader_of(ingest), 0, 100)
    posts = [each for each in counts if each[3] is None]
    assert sum(each[5] for each in posts if each[0] is not None) == 99
    assert [each[5:8] for each in posts if each[0] is None] == [(1, 45, 45)]
    assert [request for request in ingest.requests if not request.endswith("columns")] == ["READ 40 60"]
    (told,) = caplog.messages
    assert told.startswith("the post at offset 45 is skipped: ")


def test_columns_that_are_too_large_are_requested_in_parts_and_then_as_lines(
    ingest: FakeIngest, make_small: MakeSmall
) -> None:
    make_small(POSTS_PER_COLUMNS=64, POSTS_PER_SLICE=16, MAX_SLICE_BYTES=1_000)
    assert counted(reader_of(ingest), 0, 16) == expected(0, 16)
    assert ingest.requests[:2] == ["READ 0 16 columns", "READ 0 16"]
    ingest.requests.clear()
    assert counted(reader_of(ingest), 0, 64) == expected(0, 64)
    assert ingest.requests[:4] == ["READ 0 64 columns", "READ 0 32 columns", "READ 0 16 columns", "READ 0 16"]


def test_an_ingest_that_was_exchanged_for_an_older_one_is_read_by_lines(ingest: FakeIngest) -> None:
    reader = reader_of(ingest)
    end = reader.latestOffset()
    (part,) = reader.partitions({"offset": 0}, end)
    assert part == OffsetRange(0, 100, columns=True)
    ingest.run_posts = 0
    assert counted(reader, 0, 100) == expected(0, 100)
    ingest.append(*varied_posts(3))
    (part,) = reader.partitions(end, reader.latestOffset())
    assert part == OffsetRange(100, 103)
    ingest.run_posts = 5
    ingest.append(*varied_posts(2))
    (part,) = reader.partitions({"offset": 103}, reader.latestOffset())
    assert part == OffsetRange(103, 105, columns=True)
    reader.stop()


@pytest.mark.parametrize(
    ("offered", "used"),
    [
        ({}, False),
        ({"columns": None}, False),
        ({"columns": "offset at_ms source lang author tags"}, False),
        ({"columns": []}, False),
        ({"columns": [*NAMES, "text_hash"]}, True),
        ({"columns": ["tags", "lang", "source", "at_ms", "offset"]}, True),
        *(
            ({"columns": [name for name in NAMES if name != missing]}, missing in {"author", "text"})
            for missing in NAMES
        ),
    ],
)
def test_columns_are_used_if_all_that_counting_needs_are_offered(offered: dict[str, Any], used: bool) -> None:
    assert offers_columns(offered) is used


def test_an_error_for_good_of_both_forms_ends_the_query(ingest: FakeIngest) -> None:
    refusals: Sequence[bytes] = [b'{"error": "READ is not for you"}\n'] * 2
    ingest.wrong_answers.extend(refusals)
    with pytest.raises(Exception, match="ingest refused READ: READ is not for you"):
        counted(reader_of(ingest), 0, 10)
