"""The uses of tags in the state: what a pane that closes says of its people, and when uses are forgotten."""

import duckdb
import pyarrow as pa
import pytest
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, T
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.state_views import apply, everything
from tests.spark_job.support.tally import counted

from spark_job.executor.messages import pack, unpack
from spark_job.executor.tag_uses import USES_PER_PANE
from spark_job.rising.facts import AUTHORS_ARROW, VOICES_ARROW, PaneFacts
from spark_job.state.batch_rows import CountedTwiceError
from spark_job.state.store import State

PANE = PANE_MS


def voices(facts: PaneFacts) -> list[tuple[object, ...]]:
    assert facts.voices.schema == VOICES_ARROW
    return sorted(tuple(row.values()) for row in facts.voices.to_pylist())


def authors(facts: PaneFacts) -> list[tuple[object, ...]]:
    assert facts.authors is not None
    assert facts.authors.schema == AUTHORS_ARROW
    return sorted(tuple(row.values()) for row in facts.authors.to_pylist())


def test_the_facts_of_a_pane_are_those_of_all_its_micro_batches(state: State) -> None:
    apply(state, post(["A"], T, author=7, text_hash=3), post([], T, author=8))
    apply(state, post(["a", "b"], T + 1, author=7, text_hash=2))
    facts = state.uses.facts(T)
    assert facts.until_ms == T + PANE
    assert voices(facts) == [("demo", "en", "a", 7, 2, 2), ("demo", "en", "b", 7, 2, 1)]
    assert authors(facts) == [("demo", "en", 2)]


def test_a_use_that_several_tasks_of_a_micro_batch_found_is_one_use(state: State) -> None:
    tasks = [
        counted([post(["a", "c"], T, author=7, text_hash=3), post([], T, author=8, lang="es")], 0, PANE),
        counted([post(["b", "a"], T, author=7, text_hash=2), post(["a"], T, author=9)], 2, PANE),
    ]
    both = unpack(pa.Table.from_batches([pack(task) for task in tasks]))
    state.apply(both.counts, both.uses)
    expected = [
        ("demo", "en", "a", 7, 2, 2),
        ("demo", "en", "a", 9, None, 1),
        ("demo", "en", "b", 7, 2, 1),
        ("demo", "en", "c", 7, 3, 1),
    ]
    for _ in range(2):
        facts = state.uses.facts(T)
        assert (voices(facts), authors(facts)) == (expected, [("demo", "en", 2), ("demo", "es", 1)])
        state.reopen()
    state.close_panes(T + PANE)
    (closed,) = state.uses.closed(T, T + PANE).values()
    assert len(closed) == len(expected) + 3


def test_the_facts_of_a_pane_have_no_post_of_the_next(state: State) -> None:
    apply(state, post(["a"], T, author=7), post(["a"], T - PANE, author=8), at=0)
    assert [authors(state.uses.facts(at_ms)) for at_ms in (T - PANE, T)] == [[("demo", "en", 1)], [("demo", "en", 1)]]


def test_a_pane_without_posts_has_no_facts(state: State) -> None:
    assert (voices(state.uses.facts(T)), authors(state.uses.facts(T))) == ([], [])


def test_the_open_panes_with_uses_are_named_in_order(state: State) -> None:
    apply(state, post([], T + 2 * PANE), post([], T + 2 * PANE + 1), at=0)
    assert state.uses.starts(T + 2 * PANE) == []
    assert state.uses.starts(T + 3 * PANE) == [T + 2 * PANE]


def test_they_survive_a_restart(state: State) -> None:
    apply(state, post(["a"], T, author=7, text_hash=3))
    apply(state, post(["b"], T, author=2**64 - 1))
    before = state.uses.facts(T)
    state.reopen()
    assert (voices(state.uses.facts(T)), authors(state.uses.facts(T))) == (voices(before), authors(before))


def test_a_micro_batch_that_comes_again_or_fails_changes_nothing(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    apply(state, post(["a"], T, author=7))
    before, facts = everything(state), voices(state.uses.facts(T))
    with pytest.raises(CountedTwiceError):
        apply(state, post(["a"], T, author=8), at=0)

    def fail(*_: object) -> None:
        raise duckdb.IOException("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(state, "_close", fail)
        with pytest.raises(duckdb.IOException):
            apply(state, post(["a"], T, author=8))
    assert everything(state) == before
    assert voices(state.uses.facts(T)) == facts


def test_closed_panes_have_their_uses_as_long_as_the_window_has_them(state: State) -> None:
    for number in range(6):
        apply(state, post(["a"], T + number * PANE, author=number))
    closed = state.uses.closed(0, T + 10 * PANE)
    assert [*closed] == [T + number * PANE for number in (2, 3, 4)]
    assert WINDOW_MS == 3 * PANE
    assert [uses["author"].to_pylist() for uses in closed.values()] == [[2, 2], [3, 3], [4, 4]]
    state.close_panes(T + 100 * PANE)
    assert state.db.execute("SELECT count(*) FROM pane_uses").fetchall() == [(0,)]
    assert state.db.execute("SELECT count(*) FROM open_uses").fetchall() == [(0,)]


def test_late_posts_are_added_to_a_closed_pane(state: State) -> None:
    apply(state, post(["a"], T, author=7), post(["a"], T + PANE, author=7))
    apply(state, post(["a"], T + 1, author=8), post(["a"], T + 1, author=7))
    assert voices(state.uses.facts(T)) == [("demo", "en", "a", 7, None, 1), ("demo", "en", "a", 8, None, 1)]
    apply(state, post(["a"], T + 2 * PANE, author=7))
    tagged = [row for row in state.uses.closed(T, T + PANE)[T].to_pylist() if row["key"]]
    assert [(row["author"], row["posts"]) for row in tagged] == [(7, 2), (8, 1)]


@pytest.mark.parametrize("is_other_log", [True, False])
def test_an_epoch_begins_without_uses(state: State, *, is_other_log: bool) -> None:
    apply(state, post(["a"], T, author=7), post(["a"], T + PANE, author=7))
    if is_other_log:
        state.begin_epoch("log-b", 0, T + 2 * PANE, "another log")
    else:
        state.begin_window("the clock was set back")
    assert state.uses.closed(0, T + 9 * PANE) == {}
    assert state.uses.starts(T + 9 * PANE) == []


def test_many_posts_of_a_pane_are_those_of_a_sample_of_its_authors(state: State) -> None:
    """In the facts, the people with a tag and all people are of the same sample."""
    step = 2**64 // (2 * USES_PER_PANE)
    batch = counted([post([], T, author=number * step) for number in range(2 * USES_PER_PANE)], 0)
    tagged = batch.uses.set_column(3, "key", batch.uses["key"].fill_null("a"))
    state.apply(batch.counts, tagged)
    few = counted([post([], T + 1, author=number * step) for number in range(100)], 2 * USES_PER_PANE)
    state.apply(*few)
    facts = state.uses.facts(T)
    assert len(facts.voices) == USES_PER_PANE
    assert authors(facts) == [("demo", "en", 100)]
