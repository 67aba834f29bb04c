"""Anybody may write to a topic. A message that is no post is skipped alone, and counted."""

import json
from typing import Any

import pyarrow as pa
import pytest

from spark_job.executor import kafka_posts
from spark_job.executor.kafka_posts import read_values
from spark_job.executor.message_times import MOST_AHEAD_MS
from spark_job.executor.posts import LINES_ARROW, parse_lines

T = 1_795_176_000_000


def value(at_ms: int = T, **fields: Any) -> bytes:
    post = {"id": "demo:1", "at_ms": at_ms, "author": "ann", "text": "…", "tags": [{"key": "a", "label": "A"}]}
    return json.dumps(post | {"lang": "en", "source": "demo"} | fields, ensure_ascii=False).encode()


def read(*values: bytes) -> tuple[list[int], list[int]]:
    """The numbers of the posts that were read, and those that were skipped, in their order."""
    tables, skipped = read_values([*values], [*range(len(values))], T)
    assert all(table.schema == LINES_ARROW for table in tables)
    return pa.concat_tables([LINES_ARROW.empty_table(), *tables])["offset"].to_pylist(), sorted(skipped)


@pytest.mark.parametrize(
    "foreign",
    [
        b"",
        b"hello",
        b"\x00\x00\x01\x02avro",
        b"null",
        b"17",
        b'"text"',
        b"[]",
        b"{}",
        b"{",
        b'{"at_ms": "soon"}',
        b'{"at_ms": -1}',
        b'{"at_ms": 1, "tags": "a"}',
        b'{"at_ms": 1}{"at_ms": 2}',
        b'{"at_ms": 1}\n{"at_ms": 2}',
        b'{"at_ms": 1}\nnull',
        b'{"at_ms": 1}\n\nnull\n',
        b"{\nnull",
        b'{"at_ms": 1} null',
        b'{"at_ms": 1, "text": "\xff"',
        value(tags=[{"label": "no key"}]),
    ],
)
def test_a_message_that_is_no_post_is_skipped_alone(foreign: bytes) -> None:
    assert read(value(), foreign, value(), value()) == ([0, 2, 3], [1])
    assert read(foreign) == ([], [0])


def test_many_foreign_messages_are_skipped() -> None:
    assert read(*[b"no post", value()] * 500) == ([*range(1, 1000, 2)], [*range(0, 1000, 2)])


def test_a_post_is_read_whatever_spaces_and_fields_it_has() -> None:
    spread = json.dumps(json.loads(value()), indent=1).encode()
    assert read(value(), b"  " + value() + b"\n", spread, value(offset="mine", more={"a": 1})) == ([0, 1, 2, 3], [])


def test_a_post_of_the_far_future_is_no_post() -> None:
    assert read(value(T + MOST_AHEAD_MS), value(T + MOST_AHEAD_MS + 1)) == ([0], [1])


def test_a_post_whose_author_is_no_name_is_a_post() -> None:
    assert read(value(), value(author=42), value(author=None)) == ([0, 1, 2], [])


def test_foreign_objects_are_found_without_parsing_anything_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []

    def parse(body: bytes, posts: int, where: str, schema: pa.Schema) -> pa.Table:
        parsed.append(posts)
        return parse_lines(body, posts, where, schema)

    monkeypatch.setattr(kafka_posts, "parse_lines", parse)
    foreign = [b'{"event": "view"}', value(at_ms=-1), value(at_ms=1 << 60), value(tags=[{"label": "A"}])]
    more = [value(tags=[{"key": ""}]), value(tags=[{"key": "a"}, {"key": "k" * 9000}]), value(T + MOST_AHEAD_MS + 1)]
    good = [value(tags=[]), value(tags=None), value(tags=[{"key": "a"}, {"key": "b", "label": "B"}])]
    assert read(*good, *foreign, *more, *good) == ([0, 1, 2, 10, 11, 12], [*range(3, 10)])
    assert parsed == [13]


def test_a_post_behind_foreign_objects_keeps_its_own_number_and_hashtags() -> None:
    foreign = value(tags=[{"key": "x"}, {"label": "no key"}])
    tables, _ = read_values([foreign, value(tags=[{"key": "b"}]), b"{}", value(tags=[{"key": "c"}])], [5, 6, 7, 8], T)
    rows = [(row["offset"], [tag["key"] for tag in row["tags"]]) for table in tables for row in table.to_pylist()]
    assert rows == [(6, ["b"]), (8, ["c"])]


def test_posts_are_read_by_a_machine_whose_clock_is_slow() -> None:
    day_ms = 86_400_000
    values = [value(T + each) for each in range(100)]
    values[50] = value(T + day_ms)
    tables, skipped = read_values(values, [*range(100)], T - day_ms)
    assert (sum(map(len, tables)), skipped) == (99, [50])
