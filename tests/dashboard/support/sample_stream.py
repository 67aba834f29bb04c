"""A made-up stream of posts with a history, for tests and pictures of the page.

The same seed and time give the same posts.

PUSH_TOKEN=… python tests/dashboard/support/sample_stream.py http://127.0.0.1:8000 --seconds 1
"""

from __future__ import annotations

import argparse
import math
import os
import random
import threading
import time
from collections import Counter
from typing import Any

from tests.dashboard.support import feeder, rising

PANES = 30
SHARES = {"source": {"bluesky": 0.7, "mastodon": 0.3}, "lang": {"en": 0.5, "es": 0.2, "ja": 0.2, "und": 0.1}}


class SampleStream:
    """Posts per tag in panes of ten seconds, up to `end_ms`; `snapshot` returns them as the job would push them."""

    def __init__(self, end_ms: int, panes: int = 120, seed: int = 1, tags: tuple[str, ...] = feeder.TAGS) -> None:
        self._random = random.Random(seed)
        self._tags = tags
        self._seq = 0
        self.epoch = end_ms
        self.first_ms = end_ms // feeder.PANE_MS * feeder.PANE_MS - panes * feeder.PANE_MS
        self.panes = [self._draw(index) for index in range(panes)]
        self.panes.append(Counter())

    def _draw(self, index: int, part: float = 1.0) -> Counter[str]:
        """The posts of one pane: the posts of each tag rise and fall with a period of its own."""
        drawn: Counter[str] = Counter()
        for place, tag in enumerate(self._tags):
            swell = 1 + 0.6 * math.sin(index / (9 + place % 7) + place)
            mean = 60 * part * swell / (place * 0.5 + 2)
            drawn[tag] = max(0, round(self._random.gauss(mean, math.sqrt(mean))))
        return +drawn

    @property
    def open_ms(self) -> int:
        """Start of the open pane."""
        return self.first_ms + (len(self.panes) - 1) * feeder.PANE_MS

    def closed_panes(self) -> list[dict[str, Any]]:
        """The closed panes, as the job pushes them."""
        return [self._pane(index) for index in range(len(self.panes) - 1)]

    def snapshot(self, at_ms: int, **health: Any) -> dict[str, Any]:
        """The snapshot that the job would push at `at_ms`, with one more second of posts and the newly closed panes."""
        closed = []
        while at_ms >= self.open_ms + feeder.PANE_MS:
            closed.append(self._pane(len(self.panes) - 1))
            self.panes.append(Counter())
        batch = self._draw(len(self.panes) - 1, 0.1)
        self.panes[-1] += batch
        self._seq += 1
        body = feeder.snapshot({}, at_ms, self._seq, self.epoch, panes=closed)
        window, before = self._window(len(self.panes)), self._window(len(self.panes) - PANES)
        total = sum(self.panes, Counter[str]())
        closed_total = total - self.panes[-1]
        from_ms = self.open_ms - (PANES - 1) * feeder.PANE_MS
        parts = {"posts": _posts(window), "posts_before": _posts(before), "top": self._leaders(window, before)}
        body["window"] = {"from_ms": from_ms, "to_ms": at_ms, **parts}
        body["total"] |= {"since_ms": self.first_ms, "posts": _posts(total), "tags": len(total)}
        body["total"]["top"] = _ranked(total, closed_total, _ranks(closed_total))
        body["batch"] = {"posts": _posts(batch), "at_ms": at_ms, "top": _ranked(batch, Counter(), {})}
        body["facets"] = {kind: _facets(window, shares) for kind, shares in SHARES.items()}
        sources = [feeder.source(name=name, terms=[], since_ms=self.first_ms) for name in SHARES["source"]]
        rate = _posts(self._window(len(self.panes) - 1, 3)) / 30
        body["health"] = feeder.health(at_ms, sources) | {"posts_per_second": rate, "batch_ms": 131} | health
        return body

    def _window(self, end: int, panes: int = PANES) -> Counter[str]:
        return sum(self.panes[max(0, end - panes) : max(0, end)], Counter[str]())

    def _leaders(self, window: Counter[str], before: Counter[str]) -> list[dict[str, Any]]:
        top = _ranked(window, before, _ranks(self._window(len(self.panes) - 1)))
        panes = [Counter[str]()] * (PANES - len(self.panes)) + self.panes[-PANES:]
        return [{**leader, "panes": [pane[leader["label"]] for pane in panes]} for leader in top]

    def _pane(self, index: int) -> dict[str, Any]:
        from_ms = self.first_ms + index * feeder.PANE_MS
        window = self._window(index + 1)
        closed_window = {
            "from_ms": from_ms - (PANES - 1) * feeder.PANE_MS,
            "posts": _posts(window),
            "top": _named(window)[:20],
        }
        posts = self.panes[index]
        return {
            **feeder.pane(from_ms, {}, self.epoch),
            "posts": _posts(posts),
            "top": _named(posts),
            "window": closed_window,
        }


def _posts(counts: Counter[str]) -> int:
    """The number of posts: most posts have one tag, some have none."""
    return round(counts.total() * 1.1)


def _order(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0].casefold()))[:50]


def _ranks(counts: Counter[str]) -> dict[str, int]:
    return {tag: rank for rank, (tag, _) in enumerate(_order(counts), start=1)}


def _named(counts: Counter[str]) -> list[dict[str, Any]]:
    return [{"key": tag.casefold(), "label": tag, "posts": posts} for tag, posts in _order(counts)]


def _ranked(counts: Counter[str], before: Counter[str], ranks: dict[str, int]) -> list[dict[str, Any]]:
    leaders = feeder.leaders(dict(_order(counts)))
    for leader in leaders:
        leader.pop("panes")
        label = leader["label"]
        leader |= {"previous_rank": ranks.get(label), "posts_before": before[label]}
    return leaders


def _facets(window: Counter[str], shares: dict[str, float]) -> dict[str, Any]:
    facets = {}
    for place, (name, share) in enumerate(shares.items()):
        part = +Counter(
            {tag: round(posts * share) for index, (tag, posts) in enumerate(window.items()) if (index + place) % 4 != 3}
        )
        facets[name] = {"posts": _posts(part), "top": _named(part)[:20]}
    return facets


def with_people(body: dict[str, Any]) -> dict[str, Any]:
    """`body`, a snapshot, with people everywhere, and with a list for itself and for each of its panes."""
    panes = [rising.pane_with_people(pane) for pane in body["panes"]]
    return rising.with_authors({**body, "panes": panes, "rising": rising.sample(body["produced_at_ms"])})


def main() -> None:
    """Push until interrupted."""
    parser = argparse.ArgumentParser(description="Push a made-up stream with a history to a dashboard.")
    parser.add_argument("url")
    parser.add_argument("--seconds", type=float, default=1.0, help="time between two snapshots")
    parser.add_argument("--panes", type=int, default=300, help="panes of the past")
    parser.add_argument("--rising", action="store_true", help="push people and a list of rising tags too")
    options = parser.parse_args()
    never = threading.Event()
    stream = SampleStream(int(time.time() * 1000), options.panes)
    past = stream.closed_panes()
    while not never.wait(options.seconds):
        body = stream.snapshot(int(time.time() * 1000))
        body["panes"] = [*past[:60], *body["panes"]][:60]
        past = past[60:]
        if options.rising:
            body = with_people(body)
        feeder.push(options.url, os.environ["PUSH_TOKEN"], body)


if __name__ == "__main__":
    main()
