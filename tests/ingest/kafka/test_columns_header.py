"""The header `columns`: what is counted of a post says the same as its value, or the post has no header."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.kafka.columns_header import MOST_BYTES, NAME, columns_headers
from ingest.kafka.lines import encode
from ingest.posts.post import Post, Tag
from ingest.posts.text_fingerprint import TextFingerprints
from spark_job.executor.kafka_columns import HEADER
from spark_job.executor.kafka_posts import read_rows, read_values

T = 1_795_176_000_000
FINGERPRINTS = TextFingerprints(b"of a test")
COPIED = "Everybody shall know that the bridge is closed"


def made(text: str = "", author: str | None = "ann", tags: tuple[str, ...] = ("a",), **names: str) -> Post:
    """A post whose hashtags have labels in capital letters."""
    found = [Tag(tag, tag.upper()) for tag in tags]
    names = {"lang": "en", "source": "demo"} | names
    return Post(offset=0, id="t:1", at_ms=0, created_at=None, author=author, text=text, tags=found, url=None, **names)


def rows(*posts: Post) -> list[Any]:
    """The header of each post."""
    headers = columns_headers(posts, T, FINGERPRINTS)
    assert all(header is None or [name for name, _ in header] == [NAME] for header in headers)
    return [header[0][1] if header else None for header in headers]


def test_a_row_has_what_is_counted() -> None:
    tagged, bare = rows(made(tags=("a", "b")), made(author=None, tags=(), lang="und"))
    assert tagged == f"{T}\tdemo\ten\tann\t\ta\x1fb\tA\x1fB".encode()
    assert bare == f"{T}\tdemo\tund\t\t\t\t".encode()
    assert NAME == HEADER


def test_copies_of_a_text_have_the_same_fingerprint_and_posts_without_a_hashtag_have_none() -> None:
    one, copy, other, untagged = rows(
        made(COPIED), made(f"{COPIED} https://t.example/7 @bob"), made(f"Not {COPIED}"), made(COPIED, tags=())
    )
    found = [row.split(b"\t")[4] for row in (one, copy, other, untagged) if row is not None]
    assert found[0] == found[1] != found[2]
    assert (found[0] != b"", found[3]) == (True, b"")


@pytest.mark.parametrize(
    "odd",
    [
        made(author="a\tb"),
        made(author="a\nb"),
        made(author="a\rb"),
        made(author="\ud83d"),
        made(source="a\tb"),
        made(lang="a\x1fb"),
        made(tags=("a\x1fb",)),
        made(author="a" * MOST_BYTES),
        made(author="ñ" * (MOST_BYTES // 2)),
    ],
)
def test_a_post_that_fits_into_no_row_has_no_header(odd: Post) -> None:
    assert rows(made(), odd, made()) == [rows(made())[0], None, rows(made())[0]]


NAMES = st.text(min_size=1, max_size=5)
POSTS = st.builds(
    made, st.text(max_size=40), st.none() | NAMES, st.lists(NAMES, max_size=3).map(tuple), lang=NAMES, source=NAMES
)


@given(st.lists(POSTS, min_size=1, max_size=5))
def test_the_job_reads_the_same_post_from_the_header_as_from_the_value(posts: list[Post]) -> None:
    messages = encode(posts, T, FINGERPRINTS)
    headers: list[Any] = [*messages.headers]
    found = [(header[0][1], number) for number, header in enumerate(headers) if header is not None]
    tables, skipped = read_rows([row for row, _ in found], [number for _, number in found], T)
    assert skipped == []
    from_headers = [post for table in tables for post in table.drop_columns("text").to_pylist()]
    values, skipped = read_values([messages.values[number] for _, number in found], [each for _, each in found], T)
    assert skipped == []
    assert from_headers == (pa.concat_tables(values).to_pylist() if values else [])
