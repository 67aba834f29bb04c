"""Kills while posts are deleted, and then the recount: each deletion counts once and leaves no text anywhere."""

import json
import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults import contract
from tests.faults.counting import FAR, START_SECONDS, snapshot, until_counting
from tests.faults.deletion_plan import BUSY_TAGS, TAGS, WORD, DeletionPlan
from tests.faults.random_kills import kill_when_there
from tests.faults.sample_watch import SampleWatch
from tests.faults.supervisor import Supervisor
from tests.faults.verdict import finish

#: Each is killed once a round. `worker` is a Python process of Spark's executors.
ROLES = ("ingest", "driver", "worker", "dashboard")
#: The window is longer than all kills, so it has every deletion.
PACE = {"PANE_SECONDS": 5, "WINDOW_SECONDS": 5400, "TRIGGER_SECONDS": 0.5}
SAMPLE_POSTS = 5
SETTLE_SECONDS = 120.0


@dataclass(frozen=True)
class DeletionVerdict:
    """The recount. `wrong` is empty when no deletion was lost or counted twice and no text is left."""

    posts: int
    counted: int
    planned: int
    stored: int
    taken_back: int
    lost: int
    double: int
    answers: int
    samples_gone: int
    wrong: list[str]


def kill_in_rounds(stack: Supervisor, rng: random.Random, rounds: int, is_ready: Callable[[], bool | None]) -> None:
    """Kill each role once a round, in another order each time, when `is_ready`; then wait until counting goes on."""
    start, _ = until_counting(stack)
    for _ in range(rounds):
        stack.wait_until(is_ready, "a sample that was shown is deleted", START_SECONDS)
        for role in rng.sample(ROLES, len(ROLES)):
            kill_when_there(stack, role, rng)
        start, _ = until_counting(stack, (start, FAR))


def run(stack: Supervisor, plan: DeletionPlan, rng: random.Random, rounds: int) -> DeletionVerdict:
    """Kill, let the rest of the file come, compare."""
    with SampleWatch(stack) as watch:
        kill_in_rounds(stack, rng, rounds, watch.more_are_gone)
        finish(stack)
        shown = stack.wait_until(lambda: _settled(stack, plan), "all deletions are counted", SETTLE_SECONDS)
        stack.wait_until(lambda: _samples_are_full(stack) or None, "each busy tag has its samples", SETTLE_SECONDS)
        stack.wait_until(
            lambda: not files_with_the_word(stack.folder) or None, "no file has a deleted text", SETTLE_SECONDS
        )
    return _judge(stack, plan, shown, watch)


def files_with_the_word(folder: Path) -> list[str]:
    """Files that have a deleted text."""
    paths = [Path(place, name) for place, _, names in os.walk(folder) for name in names]
    return [str(path) for path in paths if _has_the_word(path)]


def _has_the_word(path: Path) -> bool:
    try:
        return path.is_file() and WORD.encode() in path.read_bytes()
    except FileNotFoundError:
        # A service has just deleted it, as Spark does with notes of its query.
        return False


def _settled(stack: Supervisor, plan: DeletionPlan) -> dict[str, Any] | None:
    """The newest snapshot, when it has at least as many deletions as planned."""
    newest = snapshot(stack)
    return newest if newest is not None and newest["window"]["taken_back"] >= plan.deleted[None] else None


def _samples(stack: Supervisor) -> dict[str, list[dict[str, Any]]]:
    return {key: (contract.get(f"{stack.url}/api/tags/{key}/posts") or {"posts": []})["posts"] for key in TAGS}


def _samples_are_full(stack: Supervisor) -> bool:
    samples = _samples(stack)
    return all(len(samples[key]) == SAMPLE_POSTS for key in BUSY_TAGS)


def _judge(stack: Supervisor, plan: DeletionPlan, shown: dict[str, Any], watch: SampleWatch) -> DeletionVerdict:
    found = {tag["key"]: tag["taken_back"] for tag in shown["window"]["top"]}
    found[None] = shown["window"]["taken_back"]
    entries = _entries(stack)
    checks: list[tuple[str, Any, Any]] = [
        ("posts counted", shown["total"]["posts"], plan.posts),
        ("taken back, by tag", found, {key: plan.deleted[key] for key in (None, *TAGS)}),
        ("entries of the log of changes", sum(entries.values()), plan.deleted[None]),
        ("posts with more than one entry", [one for one, times in entries.items() if times > 1], []),
        (
            "tags with a deleted sample",
            [key for key, posts in _samples(stack).items() if WORD in json.dumps(posts)],
            [],
        ),
        ("deleted posts that were shown", watch.wrong, []),
        ("exits that nobody asked for", stack.unexplained, []),
    ]
    return DeletionVerdict(
        posts=plan.posts,
        counted=shown["total"]["posts"],
        planned=plan.deleted[None],
        stored=len(entries),
        taken_back=shown["window"]["taken_back"],
        lost=sum(max(0, plan.deleted[key] - found.get(key, 0)) for key in (None, *TAGS)),
        double=sum(max(0, found.get(key, 0) - plan.deleted[key]) for key in (None, *TAGS)),
        answers=watch.answers,
        samples_gone=len(watch.gone),
        wrong=[f"{what}: {is_now}, not {wanted}" for what, is_now, wanted in checks if is_now != wanted],
    )


def _entries(stack: Supervisor) -> Counter[str]:
    """How many entries of the log of changes each deleted post has."""
    entries: Counter[str] = Counter()
    while some := contract.changes(stack.ingest_port, sum(entries.values())):
        entries.update(change["id"] for change in some)
    return entries
