"""The totals in memory: whatever happens to the state, a tag is found as it is in the table."""

import random
from pathlib import Path

import duckdb
import pytest
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, T
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.state_views import apply

from spark_job.ranking import stored_totals
from spark_job.ranking.stored_totals import Stored, StoredTotals
from spark_job.state.sql import CHANGED, FORGET_CHANGED
from spark_job.state.store import State
from spark_job.tag_hash import hash_of

TAGS = 300
PANES = 40


def check(state: State, totals: StoredTotals) -> None:
    rows = state.db.execute("SELECT key, label, posts, first_seen_ms FROM totals").fetchall()
    known = {key: (label, Stored(posts, at_ms)) for key, label, posts, at_ms in rows}
    keys = [f"t{number}" for number in range(TAGS)]
    assert {key: found for key in keys if (found := totals.find(key))} == {key: of[1] for key, of in known.items()}
    totals.look_up_labels(keys)
    assert {key: label for key in keys if (label := totals.label(key))} == {key: of[0] for key, of in known.items()}
    assert state.total_tags() == len(known)


class Reader:
    """Brings the totals up to the state, as a snapshot does. `reads`: how often the whole table was read."""

    def __init__(self, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
        self.state = state
        self.opened = 0
        self.epoch = 0
        self.reads = 0
        self.totals = StoredTotals(state.db)
        read = StoredTotals._read

        def counting(totals: StoredTotals) -> None:
            self.reads += 1
            read(totals)

        monkeypatch.setattr(StoredTotals, "_read", counting)

    def update(self) -> None:
        progress = self.state.progress()
        assert progress is not None
        if self.opened != self.state.opened:
            self.totals = StoredTotals(self.state.db)
            self.state.db.execute(CHANGED)
        self.totals.update(progress.dropped_tags, reset=progress.epoch != self.epoch)
        self.state.db.execute(FORGET_CHANGED)
        self.opened, self.epoch = self.state.opened, progress.epoch


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_the_totals_in_memory_are_those_of_the_table(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_totals, "LEAST_ROWS", 120)
    rng = random.Random(seed)
    state = State(tmp_path / "counts.duckdb", PANE_MS, WINDOW_MS, max_tags=200)
    state.begin_epoch("log-a", 0, T, "first start")
    reader = Reader(state, monkeypatch)
    for pane in range(PANES):
        start_ms = T + pane * PANE_MS
        numbers = range(TAGS) if rng.random() < 0.1 else range(150)
        times = sorted(start_ms + rng.randrange(PANE_MS) for _ in range(rng.choice([0, 1, 5, 40])))
        apply(state, *[post([rng.choice(["t", "T"]) + str(rng.choice(numbers))], at_ms) for at_ms in times])
        event = rng.choice(["plain"] * 6 + ["late", "rollback", "reopen", "clock", "epoch"])
        if event == "late" and pane:
            apply(state, post([f"t{rng.randrange(TAGS)}"], start_ms - PANE_MS))
        if event == "rollback":
            with monkeypatch.context() as broken:
                broken.setattr("spark_job.state.pane_closer.CLOSE", "SELECT 1 / 'x'")
                with pytest.raises(duckdb.Error):
                    apply(state, post([f"t{rng.randrange(TAGS)}"], start_ms + PANE_MS))
        if event == "reopen":
            state.reopen()
        if event == "clock":
            state.begin_window("clock")
        if event == "epoch":
            progress = state.progress()
            assert progress is not None
            state.begin_epoch("log-b", progress.next_offset, start_ms, "another log")
        state.close_panes(start_ms + PANE_MS)
        # Sometimes several panes close between two snapshots.
        if rng.random() < 0.8:
            reader.update()
            check(state, reader.totals)
    assert reader.reads < PANES // 2
    state.close()


def test_a_tag_is_found_by_its_key_if_another_one_has_the_same_hash(state: State) -> None:
    apply(state, post(["a"], T), post(["a"], T), post(["b"], T + 1))
    state.close_panes(T + PANE_MS)
    state.db.execute("UPDATE totals SET hash = ? WHERE key = 'b'", [hash_of("a")])
    totals = StoredTotals(state.db)
    totals.update(0, reset=True)
    assert totals.find("a") == Stored(2, T)
    state.db.execute(FORGET_CHANGED)
    apply(state, post(["a"], T + PANE_MS))
    state.close_panes(T + 2 * PANE_MS)
    totals.update(0, reset=False)
    assert totals.find("a") == Stored(3, T)
