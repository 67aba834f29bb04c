"""The count on the executors, against the same posts counted by plain Python."""

from typing import Any

import pyarrow as pa
import pytest
from tests.spark_job.conftest import T
from tests.spark_job.support.fake_ingest import post, varied_posts
from tests.spark_job.support.tally import Row, table, tally

from spark_job.executor.counting import CODED_COUNTS, add_up, count_slice
from spark_job.executor.posts import POSTS_ARROW


def counted(*posts: dict[str, Any], first_offset: int = 0, chunks: int = 1) -> list[Row]:
    rows = [
        {name: item[name] for name in ("at_ms", "lang", "source", "tags")} | {"offset": offset}
        for offset, item in enumerate(posts, first_offset)
    ]
    size = -(-len(rows) // chunks)
    parts = [pa.Table.from_pylist(rows[size * i : size * (i + 1)], POSTS_ARROW) for i in range(chunks)]
    counts = count_slice(pa.concat_tables(parts), 10_000)
    assert counts.schema == CODED_COUNTS
    return sorted((tuple(row.values()) for row in counts.to_pylist()), key=repr)


def test_rows_are_counts_per_pane_source_language_tag_and_spelling() -> None:
    assert counted(post(["A", "b"], T + 1), post(["a"], T + 2), first_offset=17) == sorted(
        [
            (T, "demo", "en", None, None, 2, 17, 18, T + 1, T + 2),
            (T, "demo", "en", "a", "A", 1, None, None, T + 1, None),
            (T, "demo", "en", "a", "a", 1, None, None, T + 2, None),
            (T, "demo", "en", "b", "b", 1, None, None, T + 1, None),
        ],
        key=repr,
    )


def test_posts_without_tags_are_counted_by_the_row_without_a_key() -> None:
    assert counted(post([], T + 9_999), post([], T + 10_000)) == [
        (T, "demo", "en", None, None, 1, 0, 0, T + 9_999, T + 9_999),
        (T + 10_000, "demo", "en", None, None, 1, 1, 1, T + 10_000, T + 10_000),
    ]


def test_a_post_whose_tags_are_null_is_a_post() -> None:
    assert counted(post([], T) | {"tags": None}) == [(T, "demo", "en", None, None, 1, 0, 0, T, T)]


def test_a_post_without_language_is_counted_under_none() -> None:
    rows = counted(post(["a"], T) | {"lang": None})
    assert [(row[2], row[3], row[5]) for row in rows] == [(None, "a", 1), (None, None, 1)]


@pytest.mark.parametrize("chunks", [1, 3])
def test_many_posts_are_counted_as_plain_python_counts_them(chunks: int) -> None:
    posts = varied_posts(500)
    assert counted(*posts, first_offset=1_000, chunks=chunks) == sorted(tally(posts, 1_000), key=repr)


def coded(posts: list[dict[str, Any]], first_offset: int) -> pa.Table:
    return table(posts, first_offset).cast(CODED_COUNTS)


def added_up(*slices: pa.Table) -> list[Row]:
    counts = add_up(slices)
    assert counts.schema == CODED_COUNTS
    return sorted((tuple(row.values()) for row in counts.to_pylist()), key=repr)


def test_the_counts_of_slices_are_added_up() -> None:
    first, second = coded([post(["A"], T + 1), post(["A"], T + 2)], 0), coded([post(["A"], T + 3)], 2)
    assert added_up(first, second) == [
        (T, "demo", "en", "a", "A", 3, None, None, T + 1, None),
        (T, "demo", "en", None, None, 3, 0, 2, T + 1, T + 3),
    ]
    assert added_up(second) == sorted(tally([post(["A"], T + 3)], 2), key=repr)


def test_panes_sources_languages_tags_and_spellings_stay_apart() -> None:
    posts = [
        post(["a"], T),
        post(["a"], T + 10_000),
        post(["a"], T) | {"source": "x"},
        post(["a"], T) | {"lang": "de"},
        post(["A"], T),
        post(["b"], T),
        post([], T),
    ]
    apart = added_up(*(coded([each], offset) for offset, each in enumerate(posts)))
    assert apart == sorted(tally(posts, 0), key=repr)


def test_slices_add_up_to_what_plain_python_counts() -> None:
    posts = varied_posts(500)
    slices = [coded(posts[start : start + 77], 1_000 + start) for start in range(0, 500, 77)]
    assert added_up(*slices) == sorted(tally(posts, 1_000), key=repr)
