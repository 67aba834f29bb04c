from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from bench.material import Material
from bench.posts import Kind
from bench.rows.file import OURS, POSTS, Round, Times, complaint, findings
from bench.spread import Spread

COUNTS = Counter({"a": 500_000, "b": 300_000, "c": 1})
ROUNDS: list[Round] = [
    {"ours": Times(11.0, 5.0), "B": Times(16.0, 12.0), "D": Times(4.5, 4.0)},
    {"ours": Times(10.0, 4.0), "B": Times(18.0, 14.0), "D": "showed nothing within 120 s"},
]


class Counted(Material):
    def counts(self, posts: int) -> Counter[str]:
        assert posts == POSTS
        return COUNTS


def snapshot(**parts: dict[str, Any]) -> dict[str, Any]:
    top = [{"key": "a", "posts": 500_000}, {"key": "b", "posts": 300_000}]
    return {"window": {"posts": POSTS, "top": top}, "total": {"posts": POSTS, "top": top}} | parts


def test_the_speed_is_that_from_the_first_post_and_the_start_is_a_line_of_its_own() -> None:
    found = {finding.what: finding for finding in findings(ROUNDS)}
    assert (found[OURS].value, found[OURS].met) == (Spread(225_000, 200_000, 250_000), True)
    assert found[f"{OURS}, with its start"].value == Spread(10.5, 10.0, 11.0)
    assert found["a file, against B"].samples == [2.4, 3.5]
    assert found["a file, against D"].samples == [0.8]
    (failed,) = [finding for what, finding in found.items() if what.endswith("from plain posts")]
    assert failed.note == "1 of 2 failed: showed nothing within 120 s"


@pytest.mark.parametrize("part", ["window", "total"])
def test_every_number_of_the_snapshot_is_checked(part: str) -> None:
    material = Counted(Path("/nowhere"), Kind(), POSTS)
    assert complaint(snapshot(), material) is None
    few = snapshot(**{part: {"posts": POSTS - 1, "top": []}})
    assert complaint(few, material) == f"999,999 posts in {part}"
    wrong = snapshot(**{part: {"posts": POSTS, "top": [{"key": "a", "posts": 499_999}]}})
    assert complaint(wrong, material) == f"wrong numbers in {part}"


def test_a_run_of_ours_that_failed_does_not_meet_the_target() -> None:
    ours = findings([{**ROUNDS[0], "ours": "999,999 posts in total"}])[0]
    assert (ours.what, ours.value, ours.met) == (OURS, None, False)
    assert ours.note == "1 of 1 failed: 999,999 posts in total"
