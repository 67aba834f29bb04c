"""Authors of posts that were read as lines: hashed, so that each counts once and has no name."""

import json
from typing import Any

import pyarrow as pa
import pytest
from tests.spark_job.support.fake_ingest import FakeIngest, post

from spark_job.executor.data_source import CountsReader, OffsetRange
from spark_job.executor.ingest_client import Slice
from spark_job.executor.messages import unpack
from spark_job.executor.posts import read_posts

T, PANE_MS = 1_795_176_000_000, 10_000
KEY = "00112233445566778899aabbccddeeff"


def uses(posts: list[dict[str, Any]], key: str = KEY, *, columns: bool = False) -> list[dict[str, Any]]:
    """The uses of tags that a task finds in lines of these posts, or in columns."""
    with FakeIngest(run_posts=10 if columns else 0) as ingest:
        ingest.append(*posts)
        options = {"host": "127.0.0.1", "port": ingest.port, "log": "log-a", "start": 0, "max_posts": 100}
        options |= {"partitions": 1, "pane_ms": PANE_MS, "author_key": key}
        reader = CountsReader({name: str(value) for name, value in options.items()})
        messages = [*reader.read(OffsetRange(0, len(posts), columns=columns))]
    return [row for row in unpack(pa.Table.from_batches(messages)).uses.to_pylist() if row["key"]]


def test_an_author_counts_once_and_has_a_text_of_its_own() -> None:
    found = uses([post(["a"], T, author="ann"), post(["a"], T, author="bob"), post(["a"], T + 1, author="ann")])
    assert [(use["posts"], use["text"]) for use in found] == [(2, found[0]["author"]), (1, found[1]["author"])]
    assert len({use["author"] for use in found}) == 2


def test_the_same_name_in_another_source_is_another_author() -> None:
    found = uses([post(["a"], T, author="ann", source=source) for source in ("x", "bluesky")])
    assert len({use["author"] for use in found}) == 2


def test_a_post_without_an_author_has_one_of_its_own() -> None:
    found = uses([post(["a"], T), post(["a"], T, author=None), post(["a"], T, author="")])
    assert len({use["author"] for use in found}) == 3


def test_another_key_gives_another_hash() -> None:
    posts = [post(["a"], T, author="ann")]
    assert uses(posts) == uses(posts)
    assert uses(posts)[0]["author"] != uses(posts, "11" * 16)[0]["author"]


@pytest.mark.parametrize("author", [42, ["ann"], {"name": "ann"}])
def test_a_post_whose_author_is_not_a_name_is_counted(author: Any) -> None:
    lines = [json.dumps({"offset": 0} | post(["a"], T, author=author)).encode() + b"\n"]
    lines.append(json.dumps({"offset": 1} | post(["a"], T, author="ann")).encode() + b"\n")
    found, skipped = read_posts(Slice("log-a", 0, 2, bytearray(b"".join(lines))))
    assert skipped == []
    assert [name for table in found for name in table["author"].to_pylist()] == [None, "ann"]


def test_columns_of_an_older_ingest_have_authors_and_no_texts() -> None:
    (found,) = uses([post(["a"], T, author=7), post(["a"], T, author=7)], columns=True)
    assert (found["author"], found["text"], found["posts"]) == (7, None, 2)
