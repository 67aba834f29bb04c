"""The window that ends with a closing pane: only some tags are added up for it, and it still equals a recount."""

import random
from typing import Any

import duckdb
import pytest
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.recount import counted, ranked, spelling
from tests.spark_job.support.snapshots import waiting_panes
from tests.spark_job.support.state_views import T, apply, totals

from spark_job.snapshot_schema import CLOSED_LEADERS
from spark_job.state import ended_windows
from spark_job.state.store import State
from spark_job.tag_hash import hash_of

PANE = 10_000
WINDOW = 30_000
PANES = 60
Post = dict[str, Any]


class History:
    """Random posts of hundreds of tags, of which some lead for a while. `posts` has those that count."""

    def __init__(self, state: State, seed: int) -> None:
        self.state = state
        self.rng = random.Random(seed)
        self.posts: list[Post] = []
        self.pane = 0

    def some(self, pane: int, count: int) -> list[Post]:
        def number() -> int:
            popular = self.rng.random() < 0.5
            return min(600, int(self.rng.paretovariate(0.6))) + self.pane if popular else self.rng.randrange(600)

        at_ms = T + pane * PANE
        return [post(sorted({f"t{number()}" for _ in range(4)}), at_ms + step * 9) for step in range(count)]

    def count(self, pane: int, count: int) -> None:
        posts = self.some(pane, count)
        apply(self.state, *posts)
        self.posts += posts

    def check(self, newest: int) -> None:
        """The window that ended with pane `newest` is what a recount of the posts says."""
        end_ms = T + (newest + 1) * PANE
        inside = [each for each in self.posts if end_ms - WINDOW <= each["at_ms"] < end_ms]
        panes = {pane["from_ms"]: pane["window"] for pane in waiting_panes(self.state, 1000)}
        window = panes[T + newest * PANE]
        assert window["posts"] == len(inside)
        leaders = [(tag["key"], tag["label"], tag["posts"]) for tag in window["top"]]
        assert leaders == [(key, spelling(inside, key), n) for key, n in ranked(counted(inside), CLOSED_LEADERS)]


@pytest.fixture
def complete_sums(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each window: were all its tags added up? With few candidates, so that most tags are none."""
    monkeypatch.setattr(ended_windows, "MIN_CANDIDATES", 60)
    monkeypatch.setattr(ended_windows, "MAX_CANDIDATES", 120)
    found: list[bool] = []
    add_up = ended_windows._add_up

    def counting(db: duckdb.DuckDBPyConnection, window: dict[str, int], before: tuple[int, int] | None) -> int:
        bound = add_up(db, window, before)
        ((complete,),) = db.execute(
            "SELECT count(*) = (SELECT count(DISTINCT hash) FROM pane_counts WHERE pane_ms BETWEEN $first AND $last)"
            " FROM window_sums",
            window,
        ).fetchall()
        found.append(bool(complete))
        return bound

    monkeypatch.setattr(ended_windows, "_add_up", counting)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_the_ended_window_is_that_of_a_recount(
    state: State, seed: int, complete_sums: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(state, seed)
    pane = 0
    for _ in range(PANES):
        history.pane = pane
        checked = {pane}
        event = history.rng.choice(["plain"] * 6 + ["late", "jump", "rollback", "reopen", "clock", "quiet"])
        if event != "quiet":
            history.count(pane, history.rng.choice([3, 40, 120]))
        if event == "late" and pane > 2:
            late = pane - history.rng.choice([1, 2])
            history.count(late, 30)
            checked.add(late)
            history.count(pane, 2)
        if event == "rollback":
            with monkeypatch.context() as broken:
                broken.setattr("spark_job.state.pane_closer.CLOSE", "SELECT 1 / 'x'")
                with pytest.raises(duckdb.Error):
                    apply(state, *history.some(pane + 1, 50))
        if event == "reopen":
            state.reopen()
        if event == "clock":
            state.begin_window("clock")
            history.posts = []
            pane -= history.rng.choice([0, 1, 5])
            history.count(pane, 60)
            checked = {pane}
        if event == "jump":
            pane += history.rng.choice([1, 2, 9])
            history.count(pane, 20)
            checked = {pane}
        state.close_panes(T + (pane + 1) * PANE)
        for closed in checked:
            history.check(closed)
        pane += 1
    assert complete_sums.count(False) > PANES // 4


def test_two_tags_with_the_same_hash_have_totals_of_their_own(state: State) -> None:
    apply(state, post(["a"], T), post(["b"], T))
    state.close_panes(T + PANE)
    state.db.execute("UPDATE totals SET hash = ? WHERE key = 'b'", [hash_of("a")])
    apply(state, post(["A"], T + PANE), post(["A"], T + PANE))
    state.close_panes(T + 2 * PANE)
    assert totals(state) == [("a", "A", 3, T), ("b", "b", 1, T)]
