"""The columns of a run: what Arrow reads from them is what the lines say."""

import json
from typing import Any

import pyarrow as pa
import pytest
from tests.ingest.support.posts import plain_post

from ingest.posts.columns import (
    COLUMNS,
    END_OF_STREAM,
    SCHEMA,
    NoColumnsError,
    columns_of_lines,
    columns_of_posts,
)
from ingest.posts.post import Post, Tag, encode_lines
from ingest.posts.post_hashes import PostHashes

SALT = b"s" * 16


def post(author: str | None = "42", labels: tuple[str, ...] = (), **fields: str) -> Post:
    made = plain_post("a text")
    made.author, made.tags = author, [Tag(label.lower(), label) for label in labels]
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def made(posts: list[Post], first: int = 0, at_ms: int = 99) -> tuple[bytes, bytes]:
    """Return the lines and the columns of a run."""
    lines = encode_lines(posts, first, at_ms)
    return lines, columns_of_posts(posts, first, at_ms, lines, PostHashes(SALT))


def table_of(*batches: bytes) -> pa.Table:
    table = pa.ipc.open_stream(SCHEMA + b"".join(batches) + END_OF_STREAM).read_all()
    table.validate(full=True)
    return table


def number(found: bytes | None) -> int | None:
    return None if found is None else int.from_bytes(found, "little")


def expected(lines: bytes) -> list[dict[str, Any]]:
    hashes = PostHashes(SALT)
    posts = [json.loads(line) for line in lines.splitlines()]
    for each in posts:
        each["author"] = number(hashes.authors[each["source"]][each["author"]])
        (text,) = hashes.texts.of([each["text"]]) if each["tags"] else [None]
        each["text"] = number(text)
    return [{name: each[name] for name in COLUMNS} for each in posts]


def test_the_columns_have_the_names_and_types_of_the_protocol() -> None:
    tag = pa.struct([("key", pa.string()), ("label", pa.string())])
    types = [pa.int64(), pa.int64(), pa.string(), pa.string(), pa.uint64(), pa.list_(tag), pa.uint64()]
    assert table_of().schema == pa.schema(list(zip(COLUMNS, types, strict=True)))
    assert COLUMNS == ("offset", "at_ms", "source", "lang", "author", "tags", "text")


def test_a_post_with_a_hashtag_and_enough_letters_has_a_fingerprint_of_its_text() -> None:
    call = "Come to the square tonight and bring a friend"
    posts = [post(labels=("A",), text=call), post(labels=("B",), text=call.upper()), post(text=call)]
    _, columns = made([*posts, post(labels=("A",), text="Goal!")])
    first, copy, untagged, short = table_of(columns)["text"].to_pylist()
    assert first == copy
    assert first is not None
    assert untagged is None
    assert short is None


def test_the_columns_say_what_the_lines_say() -> None:
    posts = [
        post("42", ("Tag", "ラーメン"), lang="en", source="x"),
        post(None, (), lang="und", source="bluesky"),
        post("", ("Straße",) * 3, lang="pt-BR", source="x"),
    ]
    lines, columns = made(posts, 7)
    assert table_of(columns).to_pylist() == expected(lines)


@pytest.mark.parametrize("author", [None, "42"])
@pytest.mark.parametrize("count", [1, 7, 8, 9, 1000])
def test_runs_of_any_length_are_whole(count: int, author: str | None) -> None:
    lines, columns = made([post(author, ("A",) * (number % 3)) for number in range(count)], 2**40, 2**41)
    assert table_of(columns).to_pylist() == expected(lines)


def test_runs_may_follow_each_other_in_one_stream() -> None:
    first, second = made([post()], 0)[1], made([post(None), post()], 1)[1]
    assert table_of(first, second)["offset"].to_pylist() == [0, 1, 2]


def test_half_a_surrogate_pair_is_what_it_is_in_the_lines() -> None:
    lines, columns = made([post("a\ud800", ("b\udc00",), source="c\ud800", lang="d\ud800"), post()])
    assert table_of(columns).to_pylist() == expected(lines)
    assert "\ufffd" in table_of(columns).to_pylist()[0]["source"]


def test_converted_lines_give_the_columns_that_the_run_would_have_had() -> None:
    lines, columns = made([post("42", ("Tag", "другой")), post(None), post("", ("x" * 640,))], 5)
    assert columns_of_lines(lines, 5, 3, PostHashes(SALT)) == columns


@pytest.mark.parametrize("count", [2, 7, 8, 9, 100])
def test_no_byte_of_the_columns_is_left_as_it_was_in_memory(count: int) -> None:
    posts = [post(None if number % 3 else str(number)) for number in range(count)]
    _, columns = made(posts)
    for number in range(50):
        # Memory that was used before, in pieces of many sizes.
        used = [bytes([number + 1]) * (size * 7919 % 5000) for size in range(200)]
        del used
        assert made(posts)[1] == columns
    bits = table_of(columns)["author"].chunk(0).buffers()[0].to_pybytes()
    assert int.from_bytes(bits, "little") == sum(1 << number for number in range(0, count, 3))


def test_lines_of_older_versions_are_converted() -> None:
    older = {"offset": 3, "id": "1", "at_ms": 7, "text": "", "tags": [{"key": "k" * 9000, "label": "L", "more": 1}]}
    lines = json.dumps(older | {"lang": "in", "source": "x"}).encode() + b"\n"
    (row,) = table_of(columns_of_lines(lines, 3, 1, PostHashes(SALT))).to_pylist()
    tags = [{"key": "k" * 9000, "label": "L"}]
    assert row == {"offset": 3, "at_ms": 7, "source": "x", "lang": "in", "author": None, "tags": tags, "text": None}


GOOD = {"offset": 0, "at_ms": 1, "source": "x", "lang": "en", "author": "a", "tags": [{"key": "k", "label": "K"}]}


@pytest.mark.parametrize(
    "line",
    [
        b'{"offset": 0, "at_ms"',
        b"null",
        b"[]",
        b"\xff",
        b'{"offset": 0, "at_ms": 1, "source": "\xff", "lang": "en", "tags": []}',
        *(
            json.dumps(GOOD | wrong).encode()
            for wrong in (
                {"offset": 1},
                {"offset": None},
                {"at_ms": 2**63},
                {"at_ms": "1"},
                {"source": None},
                {"lang": 5},
                {"author": 42},
                {"tags": None},
                {"tags": [{"key": "k"}]},
                {"tags": ["k"]},
            )
        ),
        json.dumps(GOOD).encode() + b"\n" + json.dumps(GOOD | {"offset": 1}).encode(),
    ],
)
def test_a_line_that_is_no_post_of_the_protocol_can_not_be_converted(line: bytes) -> None:
    assert columns_of_lines(json.dumps(GOOD).encode() + b"\n", 0, 1, PostHashes(SALT))
    with pytest.raises(NoColumnsError):
        columns_of_lines(line + b"\n", 0, 1, PostHashes(SALT))
