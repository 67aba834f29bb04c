"""Notebooks 2 to 4 beside a running demo: each ends by itself, and its last numbers are those of a recount."""

from __future__ import annotations

import json
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import regex
from tests.end_to_end.stack import Stack
from tests.ingest.support.process import request
from tests.notebooks.support.notebook_run import run
from tests.processes import free_ports, wait_until

pytestmark = [pytest.mark.spark, pytest.mark.slow]

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
#: The most time of a notebook, in seconds.
LIMIT_SECONDS = 120.0


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The processes of `make run`, with a log that already has the posts of two minutes."""
    folder = tmp_path_factory.mktemp("stack") / "data"
    with Stack(folder, DEMO_PAST_MINUTES="2", DEMO_SEED="8", SPARK_MASTER="local[2]") as running:
        running.snapshot_where(lambda snapshot: snapshot["window"]["posts"] > 0, "first posts", 150)
        yield running


def numbers(name: str, environment: dict[str, str]) -> Any:
    """What a notebook prints last; no process of it is left.

    Its processes have the path of its own temporary folder in their arguments. Another notebook may run beside it.
    """
    with tempfile.TemporaryDirectory(prefix="notebook-") as folder:
        lines = run(NOTEBOOKS / name, environment | {"TMPDIR": folder}, LIMIT_SECONDS)
        # Nobody waits for the Java of a Spark that a notebook has killed.
        wait_until(lambda: not _processes(folder), "no process of the notebook is left", 20)
    return json.loads(lines[-1])


def _processes(folder: str) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if folder in _command(process)]


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def environment_of(stack: Stack) -> dict[str, str]:
    ports = {name: str(stack.ports[name]) for name in ("INGEST_PORT", "TAIL_PORT")}
    return {"HASHTAGS_URL": stack.address, "INGEST_HOST": "127.0.0.1", **ports}


def posts_of(port: int, start: int, end: int) -> list[dict[str, Any]]:
    _, *lines = request(port, f"READ {start} {end}")
    return [json.loads(line) for line in lines]


def top(counts: Counter[str], number: int) -> list[list[object]]:
    return [[tag, posts] for tag, posts in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:number]]


def test_the_five_minutes_of_a_notebook_are_those_of_the_log(stack: Stack) -> None:
    found = numbers("en/2-five-minutes.ipynb", environment_of(stack))
    posts = posts_of(stack.ports["INGEST_PORT"], found["offsets"]["first"], found["offsets"]["last"] + 1)
    counts: Counter[str] = Counter()
    for post in posts:
        if post["lang"] == found["language"] and post["at_ms"] // 10_000 * 10 in found["panes"]:
            counts.update(tag["key"] for tag in post["tags"])
    assert found["top"] == top(counts, 10)
    assert found["top"][0][1] > 10
    assert len(found["panes"]) == 3
    # The obvious query holds what the better one has forgotten.
    assert found["obvious_rows"] > 2 * found["better_rows"]
    cut = found["cut"]
    assert cut["still_active"]
    assert cut["missed"] == cut["end"] - cut["first"] > 100


def test_running_totals_go_on_exactly_after_a_kill() -> None:
    (port,) = free_ports(1)
    read: list[dict[str, Any]] = []

    def read_all() -> list[dict[str, Any]] | None:
        try:
            found = posts_of(port, 0, 1000)
        except (OSError, ValueError):
            return None
        return found if len(found) == 1000 else None

    def watch() -> None:
        read.extend(wait_until(read_all, "1,000 posts in the notebook's own log", LIMIT_SECONDS))

    watcher = threading.Thread(target=watch)
    watcher.start()
    found = numbers("en/3-running-totals.ipynb", {"OWN_INGEST_PORT": str(port)})
    watcher.join()
    assert found["totals"] == Counter(tag["key"] for post in read for tag in post["tags"])
    assert found["totals"]["football"] > 500
    assert found["obvious"] == 1500
    assert 300 <= found["killed_at"] < 999
    assert found["processes"] == 2
    killed, resumed, last = found["batches"]
    assert killed <= resumed <= last


def test_the_answers_of_the_exercises_are_those_of_a_recount(stack: Stack) -> None:
    found = numbers("en/4-your-own-query.ipynb", environment_of(stack))
    start, end = found["start"], found["end"]
    posts = posts_of(stack.ports["INGEST_PORT"], start, end)
    assert len(posts) == 2000
    assert found["languages"] == Counter(post["lang"] for post in posts)
    assert found["trending"] == _trending(posts, (start + end) // 2)
    assert found["final"] == _final(posts)
    pairs = _pairs(posts)
    assert found["pairs"] == len(pairs) > 0
    assert found["busiest"] == top(Counter(pairs), 5)
    # The job has counted meanwhile, and was never far behind.
    assert found["acked"] > 300
    assert max(found["lag_posts"]) < 500


def _trending(posts: list[dict[str, Any]], middle: int) -> list[list[object]]:
    now: Counter[str] = Counter()
    before: Counter[str] = Counter()
    for post in posts:
        if post["lang"] == "en":
            text = regex.sub("#[^ ]+", " ", post["text"].lower())
            words = {word for word in regex.split("[^a-z]+", text) if len(word) >= 4}
            (now if post["offset"] >= middle else before).update(words)
    rows = [(word, count, before[word]) for word, count in now.items() if count >= 5]
    rows.sort(key=lambda row: (-(row[1] + 1) / (row[2] + 1), -row[1], row[0]))
    return [list(row) for row in rows[:10]]


def _final(posts: list[dict[str, Any]]) -> dict[str, int]:
    counts = Counter(post["at_ms"] // 10_000 * 10 for post in posts)
    watermark_ms = max(post["at_ms"] for post in posts) - 10_000
    return {str(start): count for start, count in sorted(counts.items()) if (start + 10) * 1000 <= watermark_ms}


def _pairs(posts: list[dict[str, Any]]) -> list[str]:
    """The author of each pair of posts within ten seconds."""
    found, before = [], dict[str, list[int]]()
    for post in posts:
        if post["author"] is not None:
            earlier = before.setdefault(post["author"], [])
            found += [post["author"] for at_ms in earlier if post["at_ms"] <= at_ms + 10_000]
            earlier.append(post["at_ms"])
    return found
