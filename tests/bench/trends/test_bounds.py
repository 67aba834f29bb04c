"""What the detector costs when its tables are full: a small version of the measurement."""

import pytest

from bench.trends import bounds


def test_each_slot_of_a_day_and_each_habit_of_a_week_is_as_full_as_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ROWS": 100, "TAGS": 50, "LANGUAGES": 2, "SLOTS_OF_A_DAY": 4, "LARGE_ROWS": 300}.items():
        monkeypatch.setattr(bounds, name, value)
    figures = dict(line.strip("|").split("|") for line in bounds.measure()[2:])
    found = {name.strip(): value.strip() for name, value in figures.items()}
    slots, habits = (int(found[f"rows of `{table}`"].replace(",", "")) for table in ("rising_slots", "rising_habits"))
    # The newest slot and the six that the detector still needs of a day of four, and that one in each of seven days.
    assert slots % 7 == 0
    assert slots > 0
    assert habits % 28 == 0
    assert found["a pane of 300 rows, each with another tag"].endswith(" ms")
