"""`make run` on a machine where other tools have been."""

from pathlib import Path

from tests.end_to_end.stack import REFUSAL_SECONDS, Stack
from tests.hostile import hostile_environment


def test_it_counts_whatever_else_is_set(tmp_path: Path) -> None:
    """All variables at once, and a folder whose name has signs that Spark, Hadoop, Java and SQLite read otherwise."""
    hostile = dict(hostile_environment(tmp_path / "hostile"))
    # The interpreter of `scripts/run.py` itself would read these; `make` takes them away before.
    path = {name: hostile.pop(name) for name in ("PYTHONPATH", "PYTHONWARNINGS")}
    data_dir = tmp_path / "a#b%20c d'e,f;g[h]*é"
    with Stack(data_dir, **hostile) as stack:
        stack.snapshot_where(lambda snapshot: snapshot["total"]["posts"] > 0, "first posts counted")
        assert "Traceback" not in stack.output
        assert path
    assert not list(data_dir.parent.glob("*%2520*"))
    assert not list(data_dir.parent.glob("a#b%20c d'e"))


def test_a_misspelt_setting_behind_make_run_is_refused(tmp_path: Path) -> None:
    with Stack(tmp_path / "data", MAKEFLAGS=" -- SORCE=demo") as stack:
        assert stack.process.wait(REFUSAL_SECONDS) == 2
    assert stack.output == "make run: SORCE behind make run is not a setting; did you mean SOURCE?\n"


def test_a_folder_that_duckdb_cannot_use_is_named_and_nothing_is_moved(tmp_path: Path) -> None:
    with Stack(tmp_path / "a?b", SORCE="demo") as stack:
        assert stack.process.wait(REFUSAL_SECONDS) == 2
    first, second = stack.output.splitlines()
    assert first == "make run: SORCE is not a setting; did you mean SOURCE?"
    assert second.startswith("make run: DATA_DIR must be a folder whose full name has no question mark, ")
    assert second.endswith("a?b'")
    assert not (tmp_path / "a?b").exists()


def test_without_posts_it_says_what_is_missing(tmp_path: Path) -> None:
    """After half a minute, from the snapshot as it is."""
    (tmp_path / "posts").write_text('{"text": "hello #world"}\n')
    settings = {"SOURCE": "replay", "REPLAY_FILE": str(tmp_path / "posts"), "TRACK": "nothing-like-it"}
    with Stack(tmp_path / "data", **settings) as stack:
        stack.wait_for_output("Not ready after")
        stack.wait_for_output("no post has arrived yet (replay is finished")
        stack.wait_for_output("1 filtered out")
