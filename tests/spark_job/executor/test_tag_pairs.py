"""Pairs of tags, compared with a count in plain Python."""

import random
from collections import Counter
from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest
from tests.spark_job.support.fake_ingest import post

from spark_job.executor import tag_pairs
from spark_job.executor.posts import POSTS_ARROW
from spark_job.executor.tag_pairs import PAIRS, merge_pairs, pairs_of

PANE_MS = 10_000
Key = tuple[int, str | None, str | None]


def some_posts(count: int, seed: int = 1) -> list[dict[str, Any]]:
    rand = random.Random(seed)
    return [
        post(
            dict.fromkeys(f"t{int(300 ** rand.random())}" for _ in range(rand.choice([0, 1, 2, 2, 3, 6]))), 37 * number
        )
        for number in range(count)
    ]


def table(posts: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([{"offset": n} | one for n, one in enumerate(posts)], POSTS_ARROW)


def recount(posts: list[dict[str, Any]]) -> Counter[Key]:
    return Counter(
        (one["at_ms"] // PANE_MS * PANE_MS, key, other)
        for one in posts
        for key, other in combinations(sorted(tag["key"] for tag in one["tags"]), 2)
    )


def counts(pairs: pa.Table) -> Counter[Key]:
    assert pairs.schema.equals(PAIRS)
    rows = [row for row in pairs.to_pylist() if row["key"] is not None]
    found: Counter[Key] = Counter()
    for row in rows:
        key, other = sorted((row["key"], row["other"]))
        found[row["pane_ms"], key, other] += row["posts"]
    return found


def cut_panes(pairs: pa.Table) -> list[int]:
    return [row["pane_ms"] for row in pairs.to_pylist() if row["key"] is None]


def test_each_pair_of_each_post_is_counted() -> None:
    posts = some_posts(2_000)
    pairs = pairs_of(table(posts), PANE_MS)
    assert counts(pairs) == recount(posts)
    assert cut_panes(pairs) == []
    assert len(pairs) == len(recount(posts))


def test_slices_with_other_dictionaries_are_merged() -> None:
    posts = some_posts(2_000)
    slices = [pairs_of(table(posts[at : at + 300]), PANE_MS) for at in range(0, 2_000, 300)]
    merged = merge_pairs(slices)
    assert counts(merged) == recount(posts)
    assert len(merged) == len(recount(posts))


@pytest.mark.parametrize("posts", [[], [post([], 1)], [post(["a"], 1), post(["b"], 2)]])
def test_without_two_tags_there_is_no_pair(posts: list[dict[str, Any]]) -> None:
    pairs = pairs_of(table(posts), PANE_MS)
    assert len(pairs) == 0
    assert len(merge_pairs([pairs, pairs])) == 0


def test_posts_without_a_list_of_tags_have_no_pairs() -> None:
    posts = [post(["a", "b"], 1), post([], 2) | {"tags": None}]
    assert counts(pairs_of(table(posts), PANE_MS)) == {(0, "a", "b"): 1}


def test_a_pane_with_too_many_pairs_says_so_and_keeps_the_frequent_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    posts = some_posts(2_000)
    monkeypatch.setattr(tag_pairs, "PAIRS_PER_PANE", 60)
    pairs = pairs_of(table(posts), PANE_MS)
    wanted, found = recount(posts), counts(pairs)
    assert cut_panes(pairs)
    for pane_ms in {pane_ms for pane_ms, _, _ in wanted}:
        kept = {pair: number for pair, number in found.items() if pair[0] == pane_ms}
        assert len(kept) <= 60
        assert kept.items() <= wanted.items()
        left_out = [number for pair, number in wanted.items() if pair[0] == pane_ms and pair not in kept]
        assert (pane_ms in cut_panes(pairs)) == bool(left_out)
        assert not left_out or max(left_out) <= min(kept.values(), default=99)
    # What was left out is known after a merge too.
    assert {*cut_panes(merge_pairs([pairs, pairs_of(table(posts[:1]), PANE_MS)]))} == {*cut_panes(pairs)}


def test_a_post_with_very_many_tags_makes_few_pairs_and_says_so() -> None:
    posts = [post([f"t{number}" for number in range(100)], 5)]
    pairs = pairs_of(table(posts), PANE_MS)
    assert cut_panes(pairs) == [0]
    assert len(counts(pairs)) < 100 * tag_pairs.MOST_DISTANCE


def test_dictionaries_have_no_keys_of_other_posts() -> None:
    posts = [post([f"single{number}"], 1) for number in range(500)] + [post(["a", "b"], 2)]
    coded = pairs_of(table(posts), PANE_MS)
    assert [len(coded[name].chunk(0).dictionary) for name in ("key", "other")] == [2, 2]
