"""`kill -9` of the services while posts are deleted: each deletion counts once, and leaves no text anywhere."""

import json
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.faults import contract
from tests.faults.counting import FAR, snapshot, until_counting
from tests.faults.load import START_MS
from tests.faults.supervisor import Supervisor
from tests.faults.verdict import finish

POSTS = 30_000
POSTS_PER_SECOND = 400
TAGS = [f"tag{number:02}" for number in range(20)]
ROUNDS = 3
#: The window is longer than the test, so it has every deletion.
PACE = {"PANE_SECONDS": 2, "WINDOW_SECONDS": 1200, "TRIGGER_SECONDS": 0.5}
SETTLE_SECONDS = 30
#: A word that only the texts of deleted posts have.
WORD = "vanishingword"


class Plan:
    """A file to replay, and what must come of it."""

    def __init__(self, path: Path, seed: int) -> None:
        rng = random.Random(seed)
        self.path = path
        self.deleted: Counter[str | None] = Counter()
        waiting: list[tuple[int, str, list[str]]] = []
        with path.open("w", encoding="utf-8") as file:
            for number in range(POSTS):
                at_ms = START_MS + number * 1000 // POSTS_PER_SECOND
                keys = rng.sample(TAGS, rng.randrange(4))
                goes = rng.random() < 0.1
                text = " ".join([WORD if goes else "words", f"n{number}", *(f"#{key}" for key in keys)])
                post = {"id": f"load:{number}", "text": text, "at_ms": at_ms, "author": f"author-{number % 997}"}
                file.write(json.dumps(post) + "\n")
                if goes:
                    waiting.append((number + rng.randrange(1, 600), f"load:{number}", keys))
                for due in [one for one in waiting if one[0] <= number or number == POSTS - 1]:
                    waiting.remove(due)
                    self._delete(file, due, at_ms)

    def _delete(self, file: Any, due: tuple[int, str, list[str]], at_ms: int) -> None:
        _, post_id, keys = due
        file.write(json.dumps({"deleted": post_id, "at_ms": at_ms}) + "\n")
        self.deleted.update([None, *keys])


def files_with_the_word(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_file() and WORD.encode() in path.read_bytes()]


@pytest.mark.timeout(600)
def test_deletions_are_neither_lost_nor_doubled_and_leave_no_text(python: Path, tmp_path: Path, seed: int) -> None:
    plan, rng = Plan(tmp_path / "posts.jsonl", seed), random.Random(seed)
    replay = {"SOURCE": "replay", "REPLAY_FILE": plan.path, "REPLAY_SPEED": 1}
    with Supervisor(tmp_path / "stack", python, Path(sys.executable), **replay, **PACE) as stack:
        start, _ = until_counting(stack)
        for _ in range(ROUNDS):
            for role in rng.sample(["ingest", "dashboard", "driver"], 3):
                stack.wait_until(lambda role=role: stack.kill(role, rng.choice) or None, role, 60)  # type: ignore[misc]
            start, _ = until_counting(stack, (start, FAR))
        finish(stack)

        def counted() -> dict[str, Any] | None:
            newest = snapshot(stack)
            return newest if newest is not None and newest["window"]["taken_back"] == plan.deleted[None] else None

        shown = stack.wait_until(counted, "all deletions are counted", SETTLE_SECONDS)
        status = contract.status(stack.ingest_port)
        assert status is not None
        assert status["changes"]["end"] == plan.deleted[None]
        assert {tag["key"]: tag["taken_back"] for tag in shown["window"]["top"]} == {
            key: plan.deleted[key] for key in TAGS
        }
        stack.wait_until(
            lambda: not files_with_the_word(tmp_path / "stack") or None, "no file has a deleted text", SETTLE_SECONDS
        )
        for key in TAGS:
            answer = contract.get(f"{stack.url}/api/tags/{key}/posts")
            assert answer is not None
            assert len(answer["posts"]) == 5
            assert WORD not in json.dumps(answer)
    assert stack.unexplained == []
