"""A replayed file is counted once, also after restarts; a changed file begins again."""

import signal
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.support.process import Ingest, Start, wait_for

pytestmark = pytest.mark.timeout(180)


def lines(first: int, end: int) -> str:
    return "".join(f'{{"text": "post {number} #tag"}}\n' for number in range(first, end))


class Runs:
    """Runs `python -m ingest` several times with the same DATA_DIR."""

    def __init__(self, start: Start, **settings: str) -> None:
        self._start = start
        self._settings = {"SOURCE": "replay", "REPLAY_FILE": "posts.jsonl", "REPLAY_SPEED": "0"} | settings

    def run(self, **settings: str) -> dict[str, Any]:
        """Start, wait until no more posts come, stop; return the last STATUS."""
        ingest: Ingest = self._start(**self._settings | settings)
        port, _ = ingest.ports()
        status = wait_for(port, lambda status: self._source(status)["state"] == "finished")
        assert ingest.end(signal.SIGTERM)[0] == 0
        return status

    @staticmethod
    def _source(status: dict[str, Any]) -> dict[str, Any]:
        source: dict[str, Any] = next(each for each in status["sources"] if each["name"] == "replay")
        return source


def counts(status: dict[str, Any]) -> tuple[int, int]:
    return status["end"], Runs._source(status)["accepted"]


def error(status: dict[str, Any]) -> str | None:
    said: str | None = Runs._source(status)["facts"].get("why_finished")
    return said


def test_a_file_that_was_played_stays_finished_and_reports_why(start: Start, tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(lines(0, 100))
    runs = Runs(start)
    first = runs.run()
    assert (counts(first), error(first)) == ((100, 100), None)
    for _ in range(2):
        again = runs.run(REPLAY_SPEED="1", LANGUAGES="en", TRACK="post")
        assert counts(again) == (100, 100)
        assert error(again) == (
            "posts.jsonl was played to its end before and has not changed since, so it is not counted again; "
            "FRESH=1 forgets all counts and plays it again"
        )


def test_a_touched_or_renamed_file_is_the_same(start: Start, tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(lines(0, 10))
    runs = Runs(start)
    runs.run()
    (tmp_path / "other.jsonl").write_text(lines(0, 10))
    assert counts(runs.run(REPLAY_FILE="other.jsonl")) == (10, 10)


def test_a_changed_file_begins_again(start: Start, tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(lines(0, 10))
    runs = Runs(start)
    runs.run()
    (tmp_path / "posts.jsonl").write_text(lines(10, 20))
    changed = runs.run()
    assert (counts(changed), error(changed)) == ((20, 10), None)


def test_only_the_new_lines_of_a_grown_file_are_played(start: Start, tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(lines(0, 10))
    runs = Runs(start)
    runs.run()
    (tmp_path / "posts.jsonl").write_text(lines(0, 13))
    grown = runs.run()
    assert (counts(grown), error(grown)) == ((13, 13), None)
    again = runs.run()
    assert counts(again) == (13, 13)
    assert "was played to its end before" in str(error(again))


def test_a_file_stays_finished_at_the_limit_and_continues_with_a_greater_one(start: Start, tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(lines(0, 100))
    runs = Runs(start)
    assert counts(runs.run(LIMIT="30")) == (30, 30)
    again = runs.run(LIMIT="30")
    assert counts(again) == (30, 30)
    assert str(error(again)).startswith("LIMIT was reached before this start")
    assert counts(runs.run(LIMIT="50")) == (50, 50)
    assert counts(runs.run()) == (100, 100)
    assert counts(runs.run()) == (100, 100)


def test_a_file_continues_where_it_was_after_a_kill(start: Start, tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text("".join(f'{{"text": "", "at_ms": {n * 50}}}\n' for n in range(60)))
    runs = Runs(start)
    ingest = start(SOURCE="replay", REPLAY_FILE="posts.jsonl", REPLAY_SPEED="1")
    port, _ = ingest.ports()
    wait_for(port, lambda status: status["end"] > 5)
    ingest.end(signal.SIGKILL)
    assert counts(runs.run()) == (60, 60)
    assert counts(runs.run()) == (60, 60)


def test_beside_another_source_the_file_stays_finished(start: Start, tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(lines(0, 10))
    runs = Runs(start, SOURCE="demo,replay", DEMO_RATE="200")
    runs.run()
    for _ in range(2):
        again = runs.run()
        assert counts(again)[1] == 10
        assert "was played to its end before" in str(error(again))


def test_a_file_that_ends_broken_is_not_malformed_again(start: Start, tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(lines(0, 3) + "broken\n{broken")
    runs = Runs(start)
    for _ in range(2):
        assert Runs._source(runs.run())["malformed"] == {"not JSON": 2}


def test_another_data_dir_plays_the_file_again(start: Start, tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(lines(0, 10))
    runs = Runs(start)
    runs.run()
    assert counts(runs.run(DATA_DIR="fresh")) == (10, 10)
