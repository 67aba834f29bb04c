"""Thousands of tags, so that most are no candidates: what leads must still be what a recount of all posts says."""

import random
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, Rig, T
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.recount import Recount

from spark_job.tag_hash import HASH, hash_of

TAGS = 4000
Post = dict[str, Any]


class Crowd:
    """Random posts of `TAGS` tags: some popular, most hardly ever used, in two sources and three languages."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self.posts: list[Post] = []

    def some(self, count: int, at_ms: int, *, popular: float, shift: int = 0) -> list[Post]:
        """`count` posts; a tag is among the popular ones with a chance of `popular`."""
        posts = [self._post(at_ms + i * (PANE_MS // 2) // count, popular, shift) for i in range(count)]
        self.posts += posts
        return posts

    def _post(self, at_ms: int, popular: float, shift: int) -> Post:
        rng = self._rng
        numbers = [
            min(TAGS, int(rng.paretovariate(0.7))) + shift if rng.random() < popular else rng.randrange(TAGS)
            for _ in range(rng.randrange(1, 8))
        ]
        tags = {f"t{number}" for number in numbers}
        return post(sorted(tags), at_ms, lang=rng.choice(["en", "en", "ja", "fi"]), source=rng.choice(["x", "demo"]))


def check(rig: Rig, crowd: Crowd, to_ms: int) -> None:
    snapshot = rig.snapshot(to_ms)
    recount = Recount(crowd.posts, to_ms, PANE_MS, WINDOW_MS)
    assert snapshot["window"] == recount.window() | {"to_ms": to_ms}
    assert snapshot["facets"] == recount.facets()
    for leader, expected in zip(snapshot["total"]["top"], recount.total(), strict=True):
        assert leader == expected | {"label": leader["label"]}


@pytest.mark.slow
@pytest.mark.parametrize("popular", [0.0, 0.3, 0.9])
def test_the_leaders_of_a_crowd_are_those_of_a_recount(rig: Rig, popular: float) -> None:
    crowd = Crowd(seed=int(popular * 10))
    for pane in range(6):
        start = T + pane * PANE_MS
        rig.count(*crowd.some(200, start, popular=popular))
        check(rig, crowd, start + PANE_MS // 2)
        rig.count(*crowd.some(200, start + PANE_MS // 2, popular=popular, shift=pane))
        check(rig, crowd, start + PANE_MS - 1)


@pytest.mark.slow
def test_when_a_crowd_has_gone_the_few_that_stay_lead(rig: Rig) -> None:
    crowd = Crowd(seed=1)
    for pane, count in enumerate([300, 300, 300, 2, 1, 0, 3, 0, 40, 300]):
        start = T + pane * PANE_MS
        if count:
            rig.count(*crowd.some(count, start, popular=0.3))
        check(rig, crowd, start + PANE_MS - 1)


def test_a_tag_that_nobody_knew_passes_all_others_within_its_pane(rig: Rig) -> None:
    crowd = Crowd(seed=2)
    for pane in range(4):
        rig.count(*crowd.some(300, T + pane * PANE_MS, popular=0.5))
        check(rig, crowd, T + pane * PANE_MS + 6_000)
    sudden = [post(["sudden"], T + 3 * PANE_MS + 7_000, lang="fi") for _ in range(500)]
    rig.count(*sudden)
    crowd.posts += sudden
    check(rig, crowd, T + 3 * PANE_MS + 8_000)
    assert rig.snapshot(T + 3 * PANE_MS + 8_000)["window"]["top"][0]["key"] == "sudden"


def test_late_posts_and_a_window_that_jumps_are_no_exception(rig: Rig) -> None:
    crowd = Crowd(seed=3)
    for pane in range(3):
        rig.count(*crowd.some(300, T + pane * PANE_MS, popular=0.2))
        check(rig, crowd, T + pane * PANE_MS + 6_000)
    late = crowd.some(200, T + PANE_MS, popular=0.9, shift=50)
    rig.count(*late)
    # Earlier ranks are those that were shown, and late posts were not: so only the next pane compares with them.
    shown = rig.snapshot(T + 2 * PANE_MS + 7_000)["window"]["top"]
    recounted = Recount(crowd.posts, T + 2 * PANE_MS + 7_000, PANE_MS, WINDOW_MS).window()["top"]
    assert [(entry["key"], entry["posts"]) for entry in shown] == [
        (entry["key"], entry["posts"]) for entry in recounted
    ]
    check(rig, crowd, T + 4 * PANE_MS)
    rig.count(*crowd.some(100, T + 9 * PANE_MS, popular=0.2))
    check(rig, crowd, T + 9 * PANE_MS + 6_000)


@pytest.mark.slow
def test_all_tags_are_ranked_once_and_not_for_each_pane(rig: Rig) -> None:
    crowd = Crowd(seed=4)
    for pane in range(12):
        rig.count(*crowd.some(400, T + pane * PANE_MS, popular=0.3))
        rig.snapshot(T + pane * PANE_MS + 6_000)
    assert rig.snapshots.candidates.rankings <= 2
    check(rig, crowd, T + 12 * PANE_MS)


def test_memory_does_not_grow_with_time(rig: Rig) -> None:
    """DuckDB never frees the rows that are deleted from a temporary table."""
    crowd = Crowd(seed=5)

    def rows_after(panes: range) -> dict[str, int]:
        for pane in panes:
            rig.count(*crowd.some(200, T + pane * PANE_MS, popular=0.3))
            rig.snapshot(T + (pane + 1) * PANE_MS)
        tables = "SELECT table_name, estimated_size FROM duckdb_tables() WHERE temporary"
        return dict(rig.state.db.execute(tables).fetchall())

    before, after = rows_after(range(6)), rows_after(range(6, 18))
    assert "changed_tags" in after
    assert {table: rows for table, rows in after.items() if rows > 2 * before.get(table, 0) + 10} == {}


@given(st.text())
def test_a_key_has_the_same_hash_in_python_and_in_sql(key: str) -> None:
    ((in_sql,),) = duckdb.execute(f"SELECT {HASH} FROM (SELECT ? AS key)", [key]).fetchall()
    assert hash_of(key) == in_sql
