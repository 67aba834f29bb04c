"""Made-up deletions, pairs, topics, sample posts and muted tags for made-up snapshots, in the shape of the protocol."""

from __future__ import annotations

import copy
from typing import Any


def post(number: int, at_ms: int, *labels: str, **changes: Any) -> dict[str, Any]:
    """A sample post with these tags."""
    tags = " ".join(f"#{label}" for label in labels)
    return {
        "offset": number,
        "id": f"demo:{number}",
        "at_ms": at_ms,
        "created_at": None,
        "text": f"Post number {number} {tags}",
        "source": "demo",
        "lang": "en",
        "url": f"https://example.org/posts/{number}",
        "tags": [{"key": label.casefold(), "label": label} for label in labels],
        **changes,
    }


def samples(*posts: dict[str, Any]) -> dict[str, Any]:
    """`posts`, newest first, for each of their tags."""
    of: dict[str, list[int]] = {}
    for place, one in enumerate(posts):
        for tag in one["tags"]:
            of.setdefault(tag["key"], []).append(place)
    return {"posts": list(posts), "of": of}


def pairs(at_ms: int, *, is_exact: bool = True, **of: dict[str, int]) -> dict[str, Any]:
    """By key of a leading tag: label -> posts with both."""
    others = {key: [[label.casefold(), label, posts] for label, posts in with_.items()] for key, with_ in of.items()}
    return {"at_ms": at_ms, "is_exact": is_exact, "of": others}


def mute(*keys: str, patterns: tuple[str, ...] = (), hidden: int = 0, error: str | None = None) -> dict[str, Any]:
    """Muted tags and patterns."""
    counts = {"tags": len(keys) + len(patterns), "hidden": hidden}
    return {**counts, "keys": list(keys), "patterns": list(patterns), "error": error}


def with_taken_back(body: dict[str, Any], parts: int = 4) -> dict[str, Any]:
    """`body`, a snapshot of which one of `parts` posts was deleted."""
    body = copy.deepcopy(body)
    facets = (*body["facets"]["source"].values(), *body["facets"]["lang"].values())
    windows = [pane["window"] for pane in body["panes"] if pane["window"]]
    for counted in (body["window"], *facets, *windows):
        counted["taken_back"] = counted["posts"] // parts
        for tag in (*counted["top"], *counted.get("by_authors", [])):
            tag["taken_back"] = tag["posts"] // parts
    for topic in (body.get("rising") or {"topics": []})["topics"]:
        for tag in topic["tags"]:
            tag["taken_back"] = tag["posts"] // parts
    return body
