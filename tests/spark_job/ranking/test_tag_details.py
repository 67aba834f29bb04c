from pathlib import Path
from typing import Any

from tests.spark_job.conftest import PANE_MS, Rig, T
from tests.spark_job.support.fake_ingest import post


def labels(snapshot: dict[str, Any]) -> dict[str, str]:
    return {entry["key"]: entry["label"] for entry in snapshot["window"]["top"]}


def test_the_commonest_spelling_is_shown_everywhere(rig: Rig) -> None:
    rig.count(*(post([label], T) for label in ("WorldCup", "worldcup", "WorldCup", "WORLDCUP")))
    snapshot = rig.snapshot(T)
    for top in (snapshot["window"]["top"], snapshot["total"]["top"], snapshot["batch"]["top"],
                snapshot["facets"]["source"]["demo"]["top"], snapshot["facets"]["lang"]["en"]["top"]):  # fmt: skip
        assert [(entry["key"], entry["label"], entry["posts"]) for entry in top] == [("worldcup", "WorldCup", 4)]


def test_between_equally_common_spellings_the_first_by_code_point_is_shown(rig: Rig) -> None:
    rig.count(*(post([label], T) for label in ("é", "É", "wm", "Wm", "WM")))
    assert labels(rig.snapshot(T)) == {"wm": "WM", "é": "É"}


def test_the_spelling_follows_the_window_over_panes(rig: Rig) -> None:
    rig.count(post(["wm"], T), post(["wm"], T), post(["WM"], T + 10_000), post(["WM"], T + 20_000))
    assert labels(rig.snapshot(T + 20_000)) == {"wm": "WM"}
    rig.count(post(["wm"], T + 20_001))
    assert labels(rig.snapshot(T + 20_001)) == {"wm": "wm"}
    assert labels(rig.snapshot(T + 30_000)) == {"wm": "WM"}


def test_a_tag_that_left_the_window_keeps_a_spelling_in_the_totals(rig: Rig) -> None:
    rig.count(post(["WM"], T), post(["b"], T + 60_000))
    top = rig.snapshot(T + 60_000)["total"]["top"]
    assert [(entry["key"], entry["label"], entry["first_seen_ms"]) for entry in top] == [
        ("b", "b", T + 60_000),
        ("wm", "WM", T),
    ]


def test_first_seen_is_the_first_post_of_the_epoch(rig: Rig) -> None:
    rig.count(post(["a"], T + 3), post(["a"], T + 4))
    assert rig.snapshot(T + 4)["window"]["top"][0]["first_seen_ms"] == T + 3
    rig.count(post(["a"], T + 60_000))
    snapshot = rig.snapshot(T + 60_000)
    for top in (snapshot["window"]["top"], snapshot["total"]["top"], snapshot["batch"]["top"]):
        assert top[0]["first_seen_ms"] == T + 3


def test_the_curve_has_one_number_per_pane_with_the_open_one_last(rig: Rig) -> None:
    rig.count(post(["a"], T), post(["b"], T + 10_000), post(["A"], T + 20_000), post(["a"], T + 20_001))
    curves = {entry["key"]: entry["panes"] for entry in rig.snapshot(T + 20_001)["window"]["top"]}
    assert curves == {"a": [1, 0, 2], "b": [0, 1, 0]}
    rig.count(post(["b"], T + 29_999))
    curves = {entry["key"]: entry["panes"] for entry in rig.snapshot(T + 29_999)["window"]["top"]}
    assert curves == {"a": [1, 0, 2], "b": [0, 1, 1]}
    curves = {entry["key"]: entry["panes"] for entry in rig.snapshot(T + 40_000)["window"]["top"]}
    assert curves == {"a": [2, 0, 0], "b": [1, 0, 0]}


def test_a_tag_that_joins_in_the_open_pane_has_a_curve_and_a_first_seen(rig: Rig) -> None:
    rig.count(post(["a"], T))
    rig.snapshot(T + 20_000)
    rig.count(post(["new"], T + 20_500))
    (_, new) = rig.snapshot(T + 20_500)["window"]["top"]
    assert (new["key"], new["panes"], new["first_seen_ms"], new["label"]) == ("new", [0, 0, 1], T + 20_500, "new")


def test_a_leader_that_the_totals_have_dropped_was_first_seen_in_its_oldest_pane(tmp_path: Path) -> None:
    rig = Rig(tmp_path, max_tags=10)
    rig.count(*[post([f"often{i}"], T) for i in range(10)], *[post([f"often{i}"], T) for i in range(10)])
    rig.count(*[post([f"Rare{i}"], T + PANE_MS + 3) for i in range(10)])
    snapshot = rig.snapshot(T + 2 * PANE_MS)
    first_seen = {entry["key"]: entry["first_seen_ms"] - T for entry in snapshot["window"]["top"]}
    assert {key: first_seen[key] for key in ("often0", "rare9")} == {"often0": 0, "rare9": PANE_MS}
    assert (snapshot["total"]["dropped_tags"], snapshot["total"]["dropped_posts"]) == (11, 12)
    rig.state.close()
