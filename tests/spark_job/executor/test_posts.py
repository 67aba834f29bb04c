"""Posts that are not as the contract says cost no other post: they are skipped, told and counted as lost."""

import json
import logging
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, T
from tests.spark_job.support.fake_ingest import FakeIngest, post

from spark_job.executor.data_source import CountsReader, OffsetRange
from spark_job.executor.ingest_client import ContractError, IngestClient, Slice
from spark_job.executor.messages import unpack
from spark_job.executor.posts import MAX_KEY_BYTES, read_posts
from spark_job.ingest_watch import IngestWatch
from spark_job.state.store import State

TAGS = [{"key": "a", "label": "A"}]


def line(offset: int, **fields: Any) -> bytes:
    whole = {"offset": offset} | post(["Good"], T + offset) | fields
    return json.dumps({name: value for name, value in whole.items() if value != "left out"}).encode() + b"\n"


def raw(offset: int, text: bytes) -> bytes:
    """A post with `text` in place of its tags."""
    return line(offset, tags="TAGS").replace(b'"TAGS"', text)


UNREADABLE = {
    "no JSON": b"GARBAGE\n",
    "a torn line": line(2)[:40] + b"\n",
    "a blank line": b"\n",
    "null": b"null\n",
    "a number": b"7\n",
    "a list": b"[1]\n",
    "two objects on a line": line(2).strip() + line(2),
    "a list of objects": b'[{"offset": 2}]\n',
    "bytes that are not UTF-8, in a key": raw(2, b'[{"key": "a\xff", "label": "A"}]'),
    "bytes that are not UTF-8, in a label": raw(2, b'[{"key": "a", "label": "A\xc3"}]'),
    "bytes that are not UTF-8, in the language": line(2, lang="L").replace(b'"L"', b'"e\xff"'),
    "half a surrogate pair": raw(2, b'[{"key": "a\\ud800", "label": "A"}]'),
    "a raw NUL": raw(2, b'[{"key": "a\x00", "label": "A"}]'),
    "at_ms as a string": line(2, at_ms="5"),
    "at_ms with a fraction": line(2, at_ms=5.5),
    "at_ms null": line(2, at_ms=None),
    "no at_ms": line(2, at_ms="left out"),
    "at_ms below zero": line(2, at_ms=-1),
    "at_ms beyond 64 bits": line(2, at_ms=10**30),
    "at_ms at the end of 64 bits": line(2, at_ms=2**63 - 1),
    "at_ms in the year 10000": line(2, at_ms=253_402_300_800_000),
    "the language as a number": line(2, lang=7),
    "the source as an object": line(2, source={"name": "x"}),
    "tags as strings": line(2, tags=["a"]),
    "tags as an object": line(2, tags={"key": "a"}),
    "a tag that is null": line(2, tags=[None]),
    "a tag without a key": line(2, tags=[{"label": "A"}]),
    "a tag with an empty key": line(2, tags=[{"key": "", "label": "A"}]),
    "a tag with a key as a number": line(2, tags=[{"key": 7, "label": "A"}]),
    "a tag with a very long key": line(2, tags=[{"key": "x" * (MAX_KEY_BYTES + 1), "label": "A"}]),
    "tags nested deeply": raw(2, b"[" * 100_000 + b"]" * 100_000),
    "tags given twice": raw(2, b'[], "tags": []'),
    "a key given twice": raw(2, b'[{"key": "a", "key": "b", "label": "A"}]'),
}
READABLE = {
    "tags null": (line(2, tags=None), []),
    "no tags": (line(2, tags="left out"), []),
    "a label that is missing": (line(2, tags=[{"key": "a"}]), [("a", "a")]),
    "a label that is empty": (line(2, tags=[{"key": "a", "label": ""}]), [("a", "a")]),
    "a label that is null beside another": (
        line(2, tags=[{"key": "b", "label": None}, *TAGS, {"key": "c", "label": "C"}]),
        [("b", "b"), ("a", "A"), ("c", "C")],
    ),
    "a very long label": (line(2, tags=[{"key": "a", "label": "A" * 9_000}]), [("a", "a")]),
    "a NUL as an escape": (raw(2, b'[{"key": "a\\u0000b", "label": "A"}]'), [("a\0b", "A")]),
    "a field given twice that nobody needs": (raw(2, b'[], "text": "", "text": ""'), []),
    "a foreign field nested deeply": (raw(2, b'[], "x": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000), []),
    "text that is not UTF-8": (line(2, tags=[], text="T").replace(b'"T"', b'"\xff"'), []),
    "a line of 6 MB": (line(2, tags=[{"key": f"t{i}", "label": f"T{i}"} for i in range(200_000)]), None),
    "a text of 20 MB": (line(2, tags=TAGS, text="x" * 20_000_000), [("a", "A")]),
}


def slice_with(odd: bytes, before: int = 2, behind: int = 5) -> Slice:
    lines = [line(n) for n in range(before)] + [odd] + [line(n) for n in range(before + 1, before + 1 + behind)]
    return Slice("log-a", 0, len(lines), bytearray(b"".join(lines)))


def offsets_of(found: list[pa.Table]) -> list[int]:
    return [offset for table in found for offset in table["offset"].to_pylist()]


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_post_that_cannot_be_read_is_skipped_alone(name: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found, skipped = read_posts(slice_with(UNREADABLE[name]))
    assert (offsets_of(found), skipped) == ([0, 1, 3, 4, 5, 6, 7], [2])
    (told,) = caplog.messages
    assert told.startswith("the post at offset 2 is skipped: ")
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_slice_of_one_post_that_cannot_be_read_is_skipped(name: str) -> None:
    assert read_posts(Slice("log-a", 2, 1, bytearray(UNREADABLE[name]))) == ([], [2])


@pytest.mark.parametrize("name", READABLE)
def test_an_odd_post_that_can_be_read_is_counted(name: str) -> None:
    odd, tags = READABLE[name]
    found, skipped = read_posts(slice_with(odd))
    assert (offsets_of(found), skipped) == (list(range(8)), [])
    read = next(row for table in found for row in table.to_pylist() if row["offset"] == 2)
    if tags is not None:
        assert [(tag["key"], tag["label"]) for tag in read["tags"] or []] == tags
    else:
        assert len(read["tags"]) == 200_000


@pytest.mark.parametrize(
    ("fields", "lang", "source"),
    [
        ({"lang": None, "source": None}, "und", "unknown"),
        ({"lang": "", "source": ""}, "und", "unknown"),
        ({"lang": "left out", "source": "left out"}, "und", "unknown"),
        ({"lang": "é" * 101, "source": "y" * 5_000}, "und", "unknown"),
        ({"lang": "é" * 100, "source": "y" * 100}, "é" * 100, "y" * 100),
    ],
)
def test_a_post_without_a_usable_name_of_language_or_source(fields: dict[str, Any], lang: str, source: str) -> None:
    found, _ = read_posts(slice_with(line(2, **fields)))
    rows = [row for table in found for row in table.to_pylist()]
    assert [(row["lang"], row["source"]) for row in rows[:4]] == [("en", "demo")] * 2 + [(lang, source), ("en", "demo")]


def test_many_unreadable_posts_are_skipped_one_by_one() -> None:
    lines = [b"GARBAGE\n" if n % 3 == 0 else line(n) for n in range(300)]
    found, skipped = read_posts(Slice("log-a", 0, 300, bytearray(b"".join(lines))))
    assert skipped == list(range(0, 300, 3))
    assert offsets_of(found) == [n for n in range(300) if n % 3]


@pytest.mark.parametrize(
    ("lines", "posts", "sentence"),
    [
        ([line(0), line(2), line(1)], 3, "they came in another order"),
        ([line(0), line(0), line(2)], 3, "they came in another order"),
        ([line(0), line(1).replace(b'"offset": 1', b'"offset": null'), line(2)], 3, "others came"),
        ([line(1), line(2)], 2, "others came"),
        ([line(0), line(1)], 3, "3 posts were announced at offset 0, 2 came"),
        ([line(0), b"GARBAGE\n"], 3, "3 posts were announced at offset 0, 2 lines came"),
        ([line(0), b"GARBAGE\n", line(7)], 3, "others came"),
    ],
)
def test_wrong_offsets_are_no_matter_of_one_post(lines: list[bytes], posts: int, sentence: str) -> None:
    with pytest.raises(ContractError, match=sentence):
        read_posts(Slice("log-a", 0, posts, bytearray(b"".join(lines))))


def reader_of(ingest: FakeIngest, start: int = 0) -> CountsReader:
    options = {"host": "127.0.0.1", "port": ingest.port, "log": "log-a", "start": start, "max_posts": 1_000}
    return CountsReader({name: str(value) for name, value in (options | {"partitions": 1, "pane_ms": PANE_MS}).items()})


def count(ingest: FakeIngest, state: State, end: int) -> None:
    """One micro-batch, as Spark and the driver count it."""
    progress = state.progress()
    assert progress is not None
    messages = [*reader_of(ingest).read(OffsetRange(progress.next_offset, end))]
    state.apply(*unpack(pa.Table.from_batches(messages)))


def numbers(state: State) -> tuple[int, int, int, int]:
    progress = state.progress()
    assert progress is not None
    return progress.next_offset, progress.posts, progress.lost, progress.skipped


def test_skipped_posts_are_lost_exactly_once_through_restarts(ingest: FakeIngest, path: Path) -> None:
    ingest.lines = [line(n) for n in range(10)]
    for n in (0, 3, 4, 9):
        ingest.lines[n] = b"GARBAGE\n"
    for ends, expected in (((4,), (4, 2, 2, 2)), ((6, 10), (10, 6, 4, 4))):
        state = State(path, PANE_MS, WINDOW_MS)
        if state.progress() is None:
            state.begin_epoch("log-a", 0, T, "first start")
        for end in ends:
            count(ingest, state, end)
        assert numbers(state) == expected
        state.close()


def test_a_batch_of_skipped_posts_alone_moves_the_offset(ingest: FakeIngest, state: State) -> None:
    ingest.lines = [line(0), b"GARBAGE\n", b"null\n"]
    count(ingest, state, 1)
    state.close_panes(T + 10 * WINDOW_MS)
    count(ingest, state, 3)
    assert numbers(state) == (3, 1, 2, 2)
    progress = state.progress()
    assert progress is not None
    assert progress.last_at_ms == T


def test_trimmed_and_skipped_posts_are_told_apart(ingest: FakeIngest, state: State) -> None:
    ingest.lines = [line(n) for n in range(10)]
    ingest.lines[7] = b"GARBAGE\n"
    ingest.trim(4)
    count(ingest, state, 10)
    assert numbers(state) == (10, 5, 5, 1)


def test_the_time_of_a_skipped_post_is_not_known(ingest: FakeIngest) -> None:
    """Else its time would be compared with that of the last counted post, and counting would begin from zero."""
    ingest.lines = [line(0), b"GARBAGE\n", line(2, at_ms=-5), line(3)]
    with IngestClient("127.0.0.1", ingest.port) as client:
        watch = IngestWatch(client, lambda: T)
        assert [watch.at_ms_of(offset) for offset in range(5)] == [T, None, None, T + 3, None]


def test_long_posts_are_asked_for_in_parts(ingest: FakeIngest, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spark_job.executor.data_source.MAX_SLICE_BYTES", 10_000)
    ingest.lines = [line(n, text="x" * (4_000 if n % 8 == 0 else 10)) for n in range(64)]
    ingest.lines[20] = line(20, text="x" * 10_001)
    count(ingest, state, 64)
    assert numbers(state) == (64, 63, 1, 1)
    assert max(int(asked.split()[2]) - int(asked.split()[1]) for asked in ingest.requests[1:]) <= 32


@pytest.mark.parametrize(
    "header",
    [
        {"bytes": -1},
        {"posts": -1},
        {"first": -1},
        {"first": 1},
        {"posts": 9},
        {"log": 5},
        {"bytes": 1 << 60, "posts": 2, "first": 0},
    ],
)
def test_a_header_outside_the_contract_ends_the_query_with_a_sentence(
    ingest: FakeIngest, header: dict[str, Any]
) -> None:
    ingest.lines = [line(n) for n in range(6)]
    body = b"".join(ingest.lines[2:6])
    answer = {"log": "log-a", "first": 2, "posts": 4, "bytes": len(body)} | header
    ingest.wrong_answers.extend([json.dumps(answer).encode() + b"\n" + body] * 9)
    with pytest.raises(ContractError):
        [*reader_of(ingest).read(OffsetRange(2, 6))]
