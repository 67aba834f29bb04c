"""What a newcomer sees of Rising: the demo's first events, from the processes of `make run`."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.end_to_end.stack import Stack

from ingest.posts.labels import fold
from ingest.sources.demo.events import events
from ingest.sources.demo.topics import MORNINGS

SEED = 7
WITHIN_MS = 60_000


def listed(snapshot: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The rising tags of a snapshot, by their keys."""
    rising = snapshot.get("rising") or {"topics": []}
    return {tag["key"]: tag for topic in rising["topics"] for tag in topic["tags"]}


def lists(key: str) -> Callable[[dict[str, Any]], bool]:
    return lambda snapshot: key in listed(snapshot)


def multiplies(key: str, times: float) -> Callable[[dict[str, Any]], bool]:
    return lambda snapshot: lists(key)(snapshot) and listed(snapshot)[key]["times"] >= times


def holds_back(key: str, authors: int) -> Callable[[dict[str, Any]], bool]:
    return lambda snapshot: (key, authors) in {(one["key"], one["authors"]) for one in snapshot["rising"]["held_back"]}


def test_a_rise_is_listed_within_a_minute_and_a_bot_is_held_back(tmp_path: Path) -> None:
    new, bot = islice(events(Random(Random(SEED).getrandbits(64))), 2)
    assert (bot.kind, new.kind) == ("bot", "new")
    key = fold(new.tags[0])
    with Stack(tmp_path / "data", SOURCE="demo", DEMO_SEED=str(SEED), DEMO_PAST_MINUTES="45") as stack:
        first = stack.snapshot_where(lambda snapshot: snapshot.get("rising") is not None, "a list", timeout_seconds=150)
        snapshot = stack.snapshot_where(lists(key), "the new tag is listed", timeout_seconds=150)
        # The first 8 people who write it are enough for the list; how often it is used then grows.
        grown = stack.snapshot_where(multiplies(key, 8), "the new tag has 8 times its usual people", timeout_seconds=60)
        # Two of its three accounts are enough to be held back; the third then writes too.
        bot_key = fold(bot.tags[0])
        later = stack.snapshot_where(holds_back(bot_key, 3), "the bot is held back", timeout_seconds=150)
    assert first["rising"]["missing_ms"] == 0
    (source,) = snapshot["health"]["ingest"]["status"]["sources"]
    # The demo is live a moment after the end of its made-up past.
    begin_ms = source["facts"]["past_until_ms"] + new.begin * 1000
    assert begin_ms < snapshot["rising"]["at_ms"] <= grown["rising"]["at_ms"] <= begin_ms + WITHIN_MS
    assert snapshot["coverage"]["before"]

    tags = listed(snapshot)
    assert tags.keys() == {key}
    tag = tags[key]
    assert (tag["label"], tag["new"], tag["source"], tag["lang"]) == (new.tags[0], True, "demo", "en")
    assert 8 <= tag["voices"] <= tag["authors"] <= tag["posts"]
    for each in (tag, listed(grown)[key]):
        assert each["times"] == pytest.approx(each["voices"] / each["expected"], rel=0.05)
    assert abs(tag["since_ms"] - begin_ms) <= 30_000
    held_back = {one["key"]: one for one in later["rising"]["held_back"]}
    assert held_back[bot_key]["why"] == "few people"
    assert held_back[bot_key]["authors"] == 3
    assert not {fold(name) for name in MORNINGS} & {*tags, *held_back}
