"""Made-up snapshots in the shape of the protocol, and a command that pushes them, to try the page by hand.

PUSH_TOKEN=… python tests/dashboard/support/feeder.py http://127.0.0.1:8000 --seconds 1
"""

from __future__ import annotations

import argparse
import json
import os
import random
import threading
import time
import urllib.request
from typing import Any

PANE_MS = 10_000
WINDOW_MS = 300_000
TAGS = (
    "WorldCup", "Fußball", "música", "Москва", "новости", "كأس_العالم", "القاهرة", "東京", "アニメ", "ワールドカップ",
    "서울", "케이팝", "BreakingNews", "ClimateAction", "Oscars2026", "NowPlaying", "Photography", "AI", "Python",
    "opensource", "gardening", "BookClub", "Berlin", "CaféConLeche", "SundayMotivation", "haiku", "earthquake", "NASA",
    "AVeryLongHashtagThatSomebodyWroteWithoutASingleSpaceBecauseHashtagsCanNotHaveSpacesAtAll",
    "ハッシュタグがとても長い場合の見え方を確かめるためのもの",
)  # fmt: skip


def source(**changes: Any) -> dict[str, Any]:
    """One live source of `STATUS`."""
    return {
        "name": "demo",
        "terms": ["football"],
        "languages": [],
        "state": "live",
        "since_ms": 1_795_170_000_000,
        "error": None,
        "accepted": 1234,
        "duplicate": 0,
        "filtered": 17,
        "malformed": {},
        "until_ms": None,
        "facts": {},
        **changes,
    }


def archived(**changes: Any) -> dict[str, Any]:
    """An archive of a week in which all is well."""
    newest = {"hour_ms": 1_795_172_400_000, "bytes": 27_000, "rows": 13_000, "dropped_posts": 2}
    return {"hours": 168, "waiting": 0, "failures": 0, "dropped": 0, "newest": newest, **changes}


def health(at_ms: int, sources: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    """A `health` in which all is well at `at_ms`."""
    status = {"log": "9f3c", "first": 0, "end": 1234, "acked": 1200, "trimmed_unread": 0, "watermark_ms": at_ms}
    return {
        "offset": 1234,
        "lag_posts": 0,
        "lag_ms": 0,
        "lost": 0,
        "skipped": 0,
        "cut": 0,
        "late": 0,
        "next_change": 3,
        "newest_at_ms": at_ms,
        "batch_ms": 140,
        "posts_per_second": 50.2,
        "started_at_ms": at_ms - 60_000,
        "epoch_reason": "first start",
        "query_error": None,
        "query_failures": 0,
        "ingest": {
            "reachable": True,
            "since_ms": at_ms - 60_000,
            "error": None,
            "status": {**status, "limit": None, "sources": [source()] if sources is None else sources},
        },
        **changes,
    }


def leaders(posts: dict[str, int]) -> list[dict[str, Any]]:
    """The leading 50 of label -> posts, in the order of the protocol."""
    order = sorted(posts.items(), key=lambda item: (-item[1], item[0].casefold()))[:50]
    return [
        {
            "rank": rank,
            "previous_rank": rank,
            "key": label.casefold(),
            "label": label,
            "posts": count,
            "posts_before": count // 2,
            "first_seen_ms": 1_795_170_000_000,
            "panes": [0] * 29 + [count],
        }
        for rank, (label, count) in enumerate(order, start=1)
    ]


def pane(
    from_ms: int,
    posts: dict[str, int] | None = None,
    epoch: int = 1,
    window: dict[str, int] | None = None,
    leaders: int = 20,
) -> dict[str, Any]:
    """A closed pane; `window`: the posts of the window that ended with it. Its first `leaders` tags are sent."""
    posts = posts or {"WorldCup": 3}
    return {
        "epoch": epoch,
        "from_ms": from_ms,
        "to_ms": from_ms + PANE_MS,
        "posts": sum(posts.values()),
        "top": named(posts),
        "window": window
        and {
            "from_ms": from_ms + PANE_MS - WINDOW_MS,
            "posts": sum(window.values()),
            "top": named(window)[:leaders],
        },
        "rising": None,
    }


def named(posts: dict[str, int]) -> list[dict[str, Any]]:
    """Label -> posts as tags of the protocol, in the given order."""
    return [{"key": label.casefold(), "label": label, "posts": count} for label, count in posts.items()]


def snapshot(posts: dict[str, int], at_ms: int, seq: int = 1, epoch: int = 1, **changes: Any) -> dict[str, Any]:
    """A snapshot produced at `at_ms` whose window has `posts` (label -> posts)."""
    top = leaders(posts)
    plain = [{name: value for name, value in leader.items() if name != "panes"} for leader in top]
    named = [{name: leader[name] for name in ("key", "label", "posts")} for leader in top[:20]]
    total = sum(posts.values())
    facet = {"posts": total, "top": named}
    return {
        "epoch": epoch,
        "seq": seq,
        "produced_at_ms": at_ms,
        "batch_id": seq,
        "pane_seconds": 10,
        "window_seconds": 300,
        "trigger_seconds": 1.0,
        "top_n": 10,
        "window": {
            "from_ms": at_ms // PANE_MS * PANE_MS - WINDOW_MS + PANE_MS,
            "to_ms": at_ms,
            "posts": total,
            "posts_before": total // 2,
            "top": top,
        },
        "total": {"since_ms": at_ms - 600_000, "posts": total, "tags": len(posts), "top": plain},
        "batch": {"posts": 50, "at_ms": at_ms, "top": plain[:3]},
        "facets": {"source": {"demo": facet}, "lang": {"en": facet}},
        "panes": [],
        "health": health(at_ms),
        **changes,
    }


def push(url: str, token: str, body: dict[str, Any]) -> dict[str, Any]:
    """Push one snapshot; returns the response."""
    request = urllib.request.Request(
        f"{url}/api/snapshots",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        answer: dict[str, Any] = json.load(response)
        return answer


class Stream:
    """Counts that rise and fall. `draw` returns the next counts."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._posts = {tag: 1200 / (place + 2) for place, tag in enumerate(TAGS)}

    def draw(self) -> dict[str, int]:
        """Label -> posts, after one more step."""
        for tag, posts in self._posts.items():
            self._posts[tag] = max(3.0, posts * self._random.uniform(0.9, 1.1))
        if self._random.random() < 0.15:
            self._posts[self._random.choice(TAGS)] += 300
        return {tag: round(posts) for tag, posts in self._posts.items()}


def main() -> None:
    """Push until interrupted."""
    parser = argparse.ArgumentParser(description="Push made-up snapshots to a dashboard.")
    parser.add_argument("url")
    parser.add_argument("--seconds", type=float, default=1.0, help="time between two snapshots")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    stream, never = Stream(options.seed), threading.Event()
    epoch, seq = int(time.time() * 1000), 0
    while not never.wait(options.seconds):
        seq += 1
        at_ms = int(time.time() * 1000)
        push(options.url, os.environ["PUSH_TOKEN"], snapshot(stream.draw(), at_ms, seq, epoch))


if __name__ == "__main__":
    main()
