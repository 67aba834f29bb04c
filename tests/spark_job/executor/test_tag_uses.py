"""Uses of tags: each author once, in slices and merged, and a sample of the authors where there are many."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pytest
from tests.spark_job.conftest import T

from spark_job.executor import tag_uses
from spark_job.executor.tag_uses import USES, merge, uses_of

PANE_MS = 10_000
POSTS = pa.schema(
    [
        ("offset", pa.int64()),
        ("at_ms", pa.int64()),
        ("lang", pa.string()),
        ("source", pa.string()),
        ("tags", pa.list_(pa.struct([("key", pa.string()), ("label", pa.string())]))),
        ("author", pa.uint64()),
        ("text", pa.uint64()),
    ]
)
#: Pane, source, language, key, author, text, posts, level.
Use = tuple[Any, ...]


def post(
    keys: str | None, author: int | None, text: int | None = 1, *, at_ms: int = T, source: str = "demo"
) -> dict[str, Any]:
    tags = None if keys is None else [{"key": key, "label": key.upper()} for key in keys]
    return {"at_ms": at_ms, "lang": "en", "source": source, "tags": tags, "author": author, "text": text}


def table(*posts: dict[str, Any], first: int = 0) -> pa.Table:
    return pa.Table.from_pylist([each | {"offset": offset} for offset, each in enumerate(posts, first)], POSTS)


def rows(uses: pa.Table) -> list[Use]:
    assert uses.schema == USES
    return sorted((tuple(row.values()) for row in uses.to_pylist()), key=repr)


def uses(*posts: dict[str, Any]) -> list[Use]:
    """The uses of tags."""
    return tagged(uses_of(table(*posts), PANE_MS))


def tagged(found: pa.Table) -> list[Use]:
    return [use for use in rows(found) if use[3] is not None]


def test_a_use_is_an_author_and_counts_once_with_the_least_of_its_texts() -> None:
    assert uses(post("a", 7, 3), post("a", 7, 2), post("a", 7, 2), post("a", 8, 4)) == [
        (T, "demo", "en", "a", 7, 2, 3, 0),
        (T, "demo", "en", "a", 8, 4, 1, 0),
    ]


def test_each_tag_of_a_post_is_used() -> None:
    assert [use[3] for use in uses(post("ab", 7), post("", 7), post(None, 7))] == ["a", "b"]


def test_panes_sources_and_tags_stay_apart() -> None:
    found = uses(post("a", 7), post("a", 7, at_ms=T + PANE_MS), post("a", 7, source="replay"), post("b", 7))
    assert [use[:4] for use in found] == [
        (T, "demo", "en", "a"),
        (T, "demo", "en", "b"),
        (T, "replay", "en", "a"),
        (T + PANE_MS, "demo", "en", "a"),
    ]


def test_a_post_without_author_has_one_of_its_own() -> None:
    found = uses(post("a", None, 1), post("a", None, 1), post("a", 7, 1), post("a", 7, 1))
    assert len({use[4] for use in found}) == 3


def test_a_use_has_no_text_if_all_of_its_texts_are_short() -> None:
    found = uses(post("a", 7, None), post("a", 7, None), post("a", 8, None), post("a", 8, 4))
    assert [use[5] for use in found] == [None, 4]


def test_the_authors_of_all_posts_are_uses_without_a_tag() -> None:
    found = rows(uses_of(table(post("ab", 7, 5), post("", 7, 6), post(None, 8, 9)), PANE_MS))
    assert [use for use in found if use[3] is None] == [
        (T, "demo", "en", None, 7, None, 2, 0),
        (T, "demo", "en", None, 8, None, 1, 0),
    ]


def test_no_posts_have_no_uses() -> None:
    assert uses() == []


def test_a_use_in_two_slices_is_one_use() -> None:
    first, second = table(post("a", 7), post("b", 7)), table(post("a", 7), post("c", 8), first=2)
    merged = merge([uses_of(first, PANE_MS), uses_of(second, PANE_MS)])
    assert rows(merged) == rows(uses_of(pa.concat_tables([first, second]), PANE_MS))
    assert [(use[3], use[6]) for use in tagged(merged)] == [("a", 2), ("b", 1), ("c", 1)]


def made_up(count: int, rand: random.Random) -> pa.Table:
    return table(
        *(
            post(
                rand.choice("abcdefgh"), rand.getrandbits(64), rand.randrange(50), at_ms=T + rand.randrange(2) * PANE_MS
            )
            for _ in range(count)
        )
    )


@pytest.mark.parametrize("slices", [1, 2, 5])
@pytest.mark.parametrize("is_tag", [True, False])
def test_the_uses_of_a_pane_are_bounded_by_a_sample_of_its_authors(
    slices: int, monkeypatch: pytest.MonkeyPatch, *, is_tag: bool
) -> None:
    most = 100 if is_tag else 50
    monkeypatch.setattr(tag_uses, "USES_PER_PANE", 100)
    monkeypatch.setattr(tag_uses, "AUTHORS_PER_PANE", 50)
    rand = random.Random(slices)
    posts = [made_up(900, rand) for _ in range(slices)]
    every_use = {use[:7] for use in rows(merge_all([uses_of_all(part) for part in posts]))}
    found = [use for use in rows(merge([uses_of(part, PANE_MS) for part in posts])) if (use[3] is not None) == is_tag]
    for at_ms in (T, T + PANE_MS):
        of_pane = [use for use in found if use[0] == at_ms]
        (level,) = {use[7] for use in of_pane}
        assert most / 4 <= len(of_pane) <= most
        # It has all uses of the authors in the sample, and no other.
        assert {use[:7] for use in of_pane} == {
            use
            for use in every_use
            if use[0] == at_ms and use[4] < 2 ** (64 - level) and (use[3] is not None) == is_tag
        }


def merge_all(slices: list[pa.Table]) -> pa.Table:
    with without_bounds():
        return merge(slices)


def uses_of_all(posts: pa.Table) -> pa.Table:
    with without_bounds():
        return uses_of(posts, PANE_MS)


@contextmanager
def without_bounds() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tag_uses, "USES_PER_PANE", 1_000_000)
        patch.setattr(tag_uses, "AUTHORS_PER_PANE", 1_000_000)
        yield


def test_one_author_with_many_texts_takes_no_room_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tag_uses, "USES_PER_PANE", 10)
    others = [author * 2**64 // 10 for author in range(9)]
    found = uses(*(post("a", 2**64 - 1, text) for text in range(50)), *(post("a", author) for author in others))
    assert len(found) == 10
    assert {use[7] for use in found} == {0}
