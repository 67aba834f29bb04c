from math import sqrt

import duckdb
import pytest

from spark_job.rising.slots import Slots
from spark_job.rising.spread import LEAST, MOST, PRIOR_SLOTS, USUAL, Spreads

SLOT_MS = 300_000


@pytest.fixture
def db() -> duckdb.DuckDBPyConnection:
    db = duckdb.connect()
    Slots(db, SLOT_MS, SLOT_MS // 5)
    return db


def store(db: duckdb.DuckDBPyConnection, tag: int, ratios: list[float], expected: float) -> None:
    for number, ratio in enumerate(ratios):
        db.execute("INSERT INTO rising_ratios VALUES (?, ?, ?, ?)", [number * SLOT_MS, tag, ratio, expected])


def shrunk(square: float, slots: int, prior: float = USUAL) -> float:
    return sqrt((slots * square + PRIOR_SLOTS * prior**2) / (slots + PRIOR_SLOTS))


def test_without_ratios_all_tags_have_the_usual_spread(db: duckdb.DuckDBPyConnection) -> None:
    spreads = Spreads(db)
    assert spreads.of([1]) == ({}, USUAL)
    spreads.measure(0)
    assert spreads.of([1]) == ({}, USUAL)


def test_the_spread_is_where_all_but_a_twentieth_of_the_ratios_are(db: duckdb.DuckDBPyConnection) -> None:
    # The 95 % quantile of 0.8, 0.808, ... 1.6 is 1.56. Chance alone gives a variance of 1 / 400.
    store(db, 1, [0.8 + 0.008 * number for number in range(101)], 400.0)
    spreads = Spreads(db)
    spreads.measure(0)
    found, usual = spreads.of([1, 2])
    assert usual == USUAL
    assert found == {1: pytest.approx(shrunk((0.56 / 1.645) ** 2 - 1 / 400, 101), rel=1e-5)}


def test_a_rise_of_an_hour_does_not_make_a_tag_wild(db: duckdb.DuckDBPyConnection) -> None:
    store(db, 1, [1.0] * 276 + [5.0] * 12, 400.0)
    spreads = Spreads(db)
    spreads.measure(0)
    assert spreads.of([1])[0] == {1: pytest.approx(shrunk(LEAST**2, 288))}


def test_a_spread_is_bounded(db: duckdb.DuckDBPyConnection) -> None:
    store(db, 1, [9.0] * 288, 400.0)
    spreads = Spreads(db)
    spreads.measure(0)
    assert spreads.of([1])[0] == {1: pytest.approx(shrunk(MOST**2, 288))}


def test_where_all_tags_are_wild_a_new_one_is_too(db: duckdb.DuckDBPyConnection) -> None:
    for tag in range(10):
        store(db, tag, [1.0, 1.658] * 50, 1e9)
    spreads = Spreads(db)
    spreads.measure(0)
    assert spreads.of([99])[1] == pytest.approx(0.4)


def test_old_ratios_are_forgotten(db: duckdb.DuckDBPyConnection) -> None:
    store(db, 1, [1.5] * 10, 400.0)
    Spreads(db).measure(4 * SLOT_MS)
    assert db.execute("SELECT count(*) FROM rising_ratios").fetchall() == [(6,)]
