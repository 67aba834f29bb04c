"""Posts with each text once count like the posts themselves."""

from typing import Any

import pyarrow as pa
import pytest
from tests.spark_job.conftest import T
from tests.spark_job.support.fake_ingest import post, varied_posts

from spark_job.executor.coded_posts import with_codes
from spark_job.executor.counting import count_slice
from spark_job.executor.posts import POSTS_AND_PEOPLE_ARROW
from spark_job.executor.tag_uses import uses_of

PANE_MS = 10_000


def table(posts: list[dict[str, Any]], first_offset: int = 0) -> pa.Table:
    named = {name: [item.get(name) for item in posts] for name in ("at_ms", "lang", "source", "tags")}
    authors = [number % 7 for number in range(len(posts))]
    offsets = range(first_offset, first_offset + len(posts))
    return (
        pa.table(named | {"offset": offsets, "author": authors, "text": authors})
        .select(POSTS_AND_PEOPLE_ARROW.names)
        .cast(POSTS_AND_PEOPLE_ARROW)
    )


def rows(found: pa.Table) -> list[str]:
    return sorted(map(repr, found.to_pylist()))


POSTS = table(varied_posts(400))
OTHERS = table([post(["a"], T) | {"tags": None}, post([], T), post(["b", "B", "a"], T + PANE_MS)], 400)


@pytest.mark.parametrize(
    "posts",
    [
        POSTS,
        pa.concat_tables([POSTS, OTHERS]),
        pa.concat_tables([POSTS.slice(7, 100), OTHERS.slice(1, 2)]),
        OTHERS.slice(0, 1),
        POSTS.slice(0, 0),
    ],
    ids=["one piece", "two pieces", "parts of pieces", "no tag", "no post"],
)
def test_they_count_like_posts_with_texts(posts: pa.Table) -> None:
    coded = with_codes(posts)
    assert rows(count_slice(coded, PANE_MS)) == rows(count_slice(posts, PANE_MS))
    assert rows(uses_of(coded, PANE_MS)) == rows(uses_of(posts, PANE_MS))
    assert [len(list_ or []) for list_ in coded["tags"].to_pylist()] == [
        len(tags or []) for tags in posts["tags"].to_pylist()
    ]
