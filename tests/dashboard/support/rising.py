"""Made-up lists of rising tags, and authors for made-up snapshots, in the shape of the protocol."""

from __future__ import annotations

import copy
from typing import Any

from tests.dashboard.support import feeder

PANES = feeder.WINDOW_MS // feeder.PANE_MS


def rising_tag(label: str, at_ms: int, authors: int = 241, expected: float = 20.0, **changes: Any) -> dict[str, Any]:
    """A tag that rises since a minute before `at_ms`."""
    return {
        "key": label.casefold(),
        "label": label,
        "posts": authors + authors // 3,
        "authors": authors,
        "voices": authors,
        "expected": expected,
        "spread": 0.2,
        "times": authors / expected,
        "score": 88.5,
        "since_ms": at_ms - 60_000,
        "copies": 0.02,
        "source": "demo",
        "source_part": 1.0,
        "lang": "es",
        "lang_part": 0.75,
        "new": False,
        "peak_voices": 60,
        "peak_ms": at_ms - 86_400_000,
        "panes": curve(authors),
        **changes,
    }


def curve(authors: int) -> list[int]:
    """Different accounts per pane: few until a minute ago, then more in each pane."""
    return [authors // 60 + (number % 2) for number in range(PANES - 6)] + [
        authors * step // 21 for step in range(1, 7)
    ]


def held_back(label: str, why: str = "few people", **changes: Any) -> dict[str, Any]:
    """A rise that is held back."""
    counts = {"few people": (5, 900), "copies": (400, 1)}
    authors, texts = counts[why]
    own = {"key": label.casefold(), "label": label, "posts": 2_000, "authors": authors, "texts": texts, "why": why}
    return {**own, **changes}


def rising(
    at_ms: int, *topics: list[dict[str, Any]], held: tuple[dict[str, Any], ...] = (), **changes: Any
) -> dict[str, Any]:
    """The list at `at_ms`: each topic is a list of tags."""
    listed = [{"tags": tags} for tags in topics]
    return {"at_ms": at_ms, "missing_ms": 0, "topics": listed, "held_back": list(held), **changes}


def sample(at_ms: int) -> dict[str, Any]:
    """A list of three topics, one of them with two tags, and both reasons to hold a rise back."""
    closed_ms = at_ms // feeder.PANE_MS * feeder.PANE_MS
    new = {"new": True, "peak_voices": 0, "peak_ms": None, "score": 21.0, "lang": "en", "lang_part": 0.9}
    return rising(
        closed_ms,
        [rising_tag("Terremoto", closed_ms), rising_tag("Sismo", closed_ms, 90, 4.0, score=61.0)],
        [rising_tag("東京", closed_ms, 120, 40.0, score=34.0, lang="ja", lang_part=1.0)],
        [rising_tag("SmallAndNew", closed_ms, 18, 0.5, **new)],
        held=(held_back("WinAPhone", "copies"), held_back("NewsFeed")),
    )


def with_authors(body: dict[str, Any]) -> dict[str, Any]:
    """`body`, a snapshot, with the authors that a job counts: fewer for tags with an even rank."""
    body = copy.deepcopy(body)
    facets = (*body["facets"]["source"].values(), *body["facets"]["lang"].values())
    for counted, most in ((body["window"], 50), *((facet, 20) for facet in facets)):
        for rank, tag in enumerate(counted["top"], start=1):
            tag["authors"] = tag["posts"] // (3 if rank % 2 == 0 else 2)
        counted["authors"] = counted["posts"] // 2
        order = sorted(counted["top"], key=lambda tag: (-tag["authors"], -tag["posts"], tag["key"]))[:most]
        counted["by_authors"] = [{**tag, "rank": rank} for rank, tag in enumerate(order, start=1)]
    return body


def pane_with_people(pane: dict[str, Any]) -> dict[str, Any]:
    """`pane`, a closed pane with its window, with people and a list."""
    tags = [{**tag, "authors": tag["posts"] // 2} for tag in pane["window"]["top"]]
    order = sorted(tags, key=lambda tag: (-tag["authors"], -tag["posts"], tag["key"]))
    window = {**pane["window"], "top": tags, "authors": pane["window"]["posts"] // 2, "by_authors": order}
    return {**pane, "window": window, "rising": sample(pane["to_ms"])}
