"""The index gives the same answers as a search by SQL, whatever was counted, has closed or is muted meanwhile."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, Rig, T
from tests.spark_job.support.fake_ingest import post

from spark_job.mute.mute_list import MuteList
from spark_job.query_server import tag_search
from spark_job.query_server.index_versions import IndexVersions
from spark_job.query_server.now import Now
from spark_job.query_server.tag_index import TagIndex
from spark_job.state.window import Window

LETTERS = "abcé日_%"
TEXTS = ("a", "b", "ab", "ba", "é", "日", "日a", "_", "aa", "bca", "nothing")
MUTED = (MuteList(), MuteList(("ab", "a"), ("b*a", "*日*")))


class Searched:
    """A rig with an index, which answers each search twice."""

    def __init__(self, rig: Rig, dice: random.Random) -> None:
        self.rig = rig
        self.dice = dice
        self.versions = IndexVersions()
        self.muted = MuteList()
        self.to_ms = T

    def now(self) -> Now:
        return Now(Window.ending(self.to_ms, PANE_MS, WINDOW_MS), self.to_ms, self.muted)

    def read(self) -> None:
        with self.rig.state.reader.beside() as db:
            self.versions.read(db, self.now())

    def index(self) -> TagIndex | None:
        with self.rig.state.reader.cursor() as db:
            return self.versions.newest(db, self.now())

    def compare(self) -> bool:
        """Compare the answers, and say whether there was an index that could be used."""
        now = self.now()
        with self.rig.state.reader.cursor() as db:
            index = self.versions.newest(db, now)
            for text in self.dice.sample(TEXTS, 2) if index is not None else ():
                limit = self.dice.choice((1, 4, 50))
                by_sql = tag_search.search(db, now, text, limit, None)
                assert tag_search.search(db, now, text, limit, index) == by_sql, (text, limit)
            return index is not None


@pytest.fixture
def searched(rig: Rig) -> Searched:
    return Searched(rig, random.Random(1))


def tag(dice: random.Random) -> str:
    return "".join(dice.choices(LETTERS, weights=(9, 9, 5, 2, 2, 1, 1), k=dice.randint(1, 4)))


def posts(dice: random.Random, at_ms: int) -> Iterator[dict[str, object]]:
    for number in range(dice.randint(1, 30)):
        yield post([tag(dice).upper() if dice.random() < 0.3 else tag(dice)], at_ms + number)


@pytest.mark.parametrize("seed", range(3))
def test_the_index_gives_the_same_answers_as_sql(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    rig = Rig(tmp_path, max_tags=120 if seed % 2 else 1_000_000)
    searched, used = Searched(rig, dice), 0
    try:
        for _ in range(24):
            if dice.random() < 0.3:
                searched.to_ms += dice.choice((1, 1, 1, 2, 5)) * PANE_MS
            searched.to_ms += 50
            if dice.random() < 0.05:
                searched.muted = dice.choice(MUTED)
            if dice.random() < 0.03:
                rig.state.begin_window("the clock was set back")
            late_ms = dice.choice((0, 0, 0, 0, 0, 0, PANE_MS, WINDOW_MS))
            rig.count(*posts(dice, searched.to_ms - late_ms))
            if dice.random() < 0.7:
                rig.state.close_panes(searched.to_ms)
            is_used = searched.compare()
            used += is_used
            if not is_used and dice.random() < 0.7:
                searched.read()
                assert searched.compare()
    finally:
        rig.state.close()
    assert used >= 4


def test_an_index_moves_on_when_panes_close_and_leave_the_window(searched: Searched) -> None:
    searched.rig.count(post(["Old"], T), post(["Both"], T + 1))
    searched.read()
    for pane in range(1, 7):
        searched.to_ms = T + pane * PANE_MS
        searched.rig.count(post([f"New{pane}", "Both"], searched.to_ms))
        searched.rig.state.close_panes(searched.to_ms)
        assert searched.compare()
    index = searched.index()
    assert index is not None
    assert index.find("old", 9) == [("old", 0, 1)]
    assert index.find("both", 9) == [("both", 3, 7)]
    assert [key for key, *_ in index.find("new", 3)] == ["new4", "new5", "new6"]
    # The small parts are merged.
    assert len(index.parts) <= 5


def test_late_posts_dropped_tags_a_new_epoch_and_other_muted_tags_need_another_index(tmp_path: Path) -> None:
    rig = Rig(tmp_path, max_tags=10)
    searched = Searched(rig, random.Random(1))

    def close(pane: int) -> None:
        searched.to_ms = T + pane * PANE_MS
        rig.state.close_panes(searched.to_ms)

    rig.count(post(["a"], T))
    close(1)
    searched.read()
    assert searched.compare()
    rig.count(post(["a"], T))
    close(2)
    assert not searched.compare()
    searched.read()
    rig.count(*(post([f"tag{number}"], T + 2 * PANE_MS) for number in range(20)))
    assert searched.compare()
    close(3)
    assert not searched.compare()
    searched.read()
    searched.muted = MuteList(("a",))
    assert not searched.compare()
    searched.read()
    assert searched.compare()
    rig.state.begin_epoch("log-b", 0, T, "another log")
    assert not searched.compare()
    rig.state.close()


def test_late_posts_of_a_pane_that_is_forgotten_need_another_index(searched: Searched) -> None:
    searched.rig.count(post(["a"], T))
    searched.to_ms = T + 9 * PANE_MS
    searched.rig.state.close_panes(searched.to_ms)
    searched.read()
    searched.rig.count(post(["a"], T), post(["b"], searched.to_ms))
    searched.to_ms += PANE_MS
    searched.rig.state.close_panes(searched.to_ms)
    assert not searched.compare()


def test_nothing_is_read_again_while_nothing_is_counted(searched: Searched) -> None:
    searched.rig.count(post(["a"], T))
    assert searched.index() is None
    searched.read()
    first = searched.index()
    assert first is searched.index() is not None
    searched.rig.count(post(["a"], T + 1))
    assert searched.index() is not first
