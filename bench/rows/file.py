"""A file of plain posts, end to end: `make run` replays it, against usual ways that find the hashtags themselves."""

import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.end_to_end.stack import Stack

from bench.baseline import Baseline
from bench.contender import WrongCountError, is_leading
from bench.finding import Finding, Target
from bench.material import Form, Material
from bench.race import CLASSICS, START_SECONDS
from bench.spread import Spread
from bench.workshop import Workshop
from spark_job.executor.ingest_client import IngestClient

# A part of the material of other rows.
MATERIAL_POSTS, POSTS = 2_000_000, 1_000_000
TIMEOUT_SECONDS = 60.0
# Posts per second, from the first post in the log.
TARGET = Target(180_000)
OURS = "a file, end to end"
# Those that find the hashtags of a text. A receives them ready-made, and E has only the times of the posts themselves.
WAYS: dict[str, tuple[str, str, Form]] = {
    "B": CLASSICS["B"],
    "D": ("D: one Python process, from plain posts", "plain_posts", "untagged"),
}


@dataclass(frozen=True)
class Times:
    """Seconds until all posts were shown: from the start of the first process, and from the first post."""

    from_start: float
    from_first_post: float


# The times of each way, or what was wrong.
Round = dict[str, Times | str]


def measure(shop: Workshop) -> list[Finding]:
    """Measure round by round. Each round runs every way once."""
    material = shop.material(MATERIAL_POSTS)
    rounds = []
    for _ in range(shop.repeats):
        each: Round = {"ours": _ours(material)} | {way: _classic(way, material) for way in WAYS}
        shop.say(f"a file of {POSTS:,} posts: {each}")
        rounds.append(each)
    return findings(rounds)


def findings(rounds: list[Round]) -> list[Finding]:
    """For each way: posts per second from the first post, and seconds with the start. Then the ratios."""
    found = []
    for way, name in {"ours": OURS, **{way: f"a file, {name}" for way, (name, *_) in WAYS.items()}}.items():
        times = [run for each in rounds if isinstance(run := each[way], Times)]
        wrong = [run for each in rounds if isinstance(run := each[way], str)]
        note = f"{len(wrong)} of {len(rounds)} failed: {wrong[-1]}" if wrong else _note(way)
        rates = [POSTS / each.from_first_post for each in times]
        seconds = [each.from_start for each in times]
        target = TARGET if way == "ours" else None
        found += [
            Finding(name, "posts/s", Spread.of(rates) if rates else None, target, note, samples=rates),
            Finding(f"{name}, with its start", "s", Spread.of(seconds) if seconds else None, None, "", 1, seconds),
        ]
    return [*found, *(_ratio(rounds, way) for way in WAYS)]


def _note(way: str) -> str:
    return f"{POSTS:,} plain posts, from the first in the log to the snapshot with the last" if way == "ours" else ""


def _ratio(rounds: list[Round], way: str) -> Finding:
    pairs = [(each["ours"], each[way]) for each in rounds]
    ratios = [
        theirs.from_first_post / ours.from_first_post
        for ours, theirs in pairs
        if isinstance(ours, Times) and isinstance(theirs, Times)
    ]
    return Finding(f"a file, against {way}", "x", Spread.of(ratios) if ratios else None, None, "same round", 2, ratios)


def _ours(material: Material) -> Times | str:
    """The processes of `make run`, with the default settings apart from the source."""
    settings = {"SOURCE": "replay", "REPLAY_FILE": str(material.path("untagged").resolve()), "REPLAY_SPEED": "0"}
    with tempfile.TemporaryDirectory(prefix="file-") as folder:
        since = time.time()
        with Stack(Path(folder) / "data", LIMIT=str(POSTS), **settings) as stack:
            try:
                snapshot = stack.snapshot_where(_has_all, "all posts of the file", START_SECONDS + TIMEOUT_SECONDS)
            except AssertionError as error:
                return str(error)
            shown_at = time.time()
            with IngestClient("127.0.0.1", stack.ports["INGEST_PORT"]) as client:
                first_at = json.loads(client.read(0, 1).body)["at_ms"] / 1000
    wrong = complaint(snapshot, material)
    return wrong or Times(shown_at - since, shown_at - first_at)


def _has_all(snapshot: dict[str, Any]) -> bool:
    return bool(snapshot["health"]["offset"] >= POSTS)


def complaint(snapshot: dict[str, Any], material: Material) -> str | None:
    """What is wrong with a snapshot that has all posts, in the window or in the totals; `None` if nothing is."""
    expected = material.counts(POSTS)
    for part in ("window", "total"):
        if snapshot[part]["posts"] != POSTS:
            return f"{snapshot[part]['posts']:,} posts in {part}"
        if not is_leading([(leader["key"], leader["posts"]) for leader in snapshot[part]["top"]], expected):
            return f"wrong numbers in {part}"
    return None


def _classic(way: str, material: Material) -> Times | str:
    since = time.monotonic()
    try:
        with Baseline(*WAYS[way], material) as racer:
            racer.feed(POSTS)
            shown_at = racer.wait_for(POSTS, START_SECONDS + TIMEOUT_SECONDS)
            return Times(shown_at - since, shown_at - racer.asked_at)
    except WrongCountError as error:
        return str(error)
