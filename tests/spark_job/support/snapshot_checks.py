"""Is a snapshot as docs/protocol.md says? Every field, its type and what must hold between them; nothing else."""

import json
from typing import Any

LEADER = {"rank", "previous_rank", "key", "label", "posts", "posts_before", "first_seen_ms"}
STATUS = {"log", "first", "end", "acked", "trimmed_unread", "watermark_ms", "limit", "sources"}
HEALTH = {
    *(
        "offset",
        "lag_posts",
        "lag_ms",
        "lost",
        "skipped",
        "cut",
        "newest_at_ms",
        "batch_ms",
        "posts_per_second",
        "started_at_ms",
    ),
    *("epoch_reason", "query_error", "query_failures", "ingest"),
}
SNAPSHOT = {
    *("epoch", "seq", "produced_at_ms", "batch_id", "pane_seconds", "window_seconds", "trigger_seconds", "top_n"),
    *("window", "coverage", "total", "batch", "facets", "panes", "health"),
}
MAX_BYTES = 4 << 20


def check(snapshot: dict[str, Any]) -> None:
    """Raise `AssertionError` for the first thing that is not in the contract."""
    assert json.loads(json.dumps(snapshot)) == snapshot
    assert len(json.dumps(snapshot, ensure_ascii=False).encode()) <= MAX_BYTES
    assert snapshot.keys() == SNAPSHOT
    for name in ("epoch", "seq", "produced_at_ms", "pane_seconds", "window_seconds", "top_n"):
        assert_number(snapshot[name], at_least=1)
    assert_optional(snapshot["batch_id"])
    assert isinstance(snapshot["trigger_seconds"], int | float)
    check_window(snapshot["window"], snapshot["pane_seconds"] * 1000, snapshot["window_seconds"] * 1000)
    check_coverage(snapshot["coverage"], snapshot["window"])
    check_total(snapshot["total"])
    check_batch(snapshot["batch"])
    check_facets(
        snapshot["facets"], snapshot["window"]["posts"], snapshot["window_seconds"] // snapshot["pane_seconds"]
    )
    check_panes(snapshot["panes"], snapshot["window_seconds"] * 1000)
    check_health(snapshot["health"])


def assert_number(value: Any, at_least: int = 0) -> None:
    assert type(value) is int, value
    assert value >= at_least, value


def assert_optional(value: Any) -> None:
    if value is not None:
        assert_number(value)


def check_window(window: dict[str, Any], pane_ms: int, window_ms: int) -> None:
    assert window.keys() == {"from_ms", "to_ms", "posts", "posts_before", "top"}
    assert window["from_ms"] % pane_ms == 0
    assert window["from_ms"] + window_ms - pane_ms <= window["to_ms"] < window["from_ms"] + window_ms
    assert_number(window["posts"])
    assert_number(window["posts_before"])
    check_leaders(window["top"], window["posts"], {"panes"})
    check_curves(window["top"], window_ms // pane_ms)


def check_curves(top: list[dict[str, Any]], panes: int) -> None:
    for leader in top:
        assert len(leader["panes"]) == panes
        assert all(type(posts) is int and posts >= 0 for posts in leader["panes"])
        assert sum(leader["panes"]) == leader["posts"]


def check_coverage(coverage: dict[str, Any], window: dict[str, Any]) -> None:
    assert coverage.keys() == {"from_ms", "missing_ms", "before"}
    assert window["from_ms"] <= coverage["from_ms"] <= window["to_ms"]
    assert 0 <= coverage["missing_ms"] <= window["to_ms"] - coverage["from_ms"]
    assert type(coverage["before"]) is bool


def check_total(total: dict[str, Any]) -> None:
    assert total.keys() == {"since_ms", "posts", "tags", "dropped_tags", "dropped_posts", "sources", "top"}
    assert total["sources"] == sorted(set(total["sources"]))
    for name in ("since_ms", "posts", "tags"):
        assert_number(total[name])
    check_leaders(total["top"], total["posts"])
    assert all(leader["posts_before"] <= leader["posts"] for leader in total["top"])


def check_batch(batch: dict[str, Any] | None) -> None:
    if batch is None:
        return
    assert batch.keys() == {"posts", "at_ms", "top"}
    assert_number(batch["posts"], at_least=1)
    assert_number(batch["at_ms"], at_least=1)
    check_leaders(batch["top"], batch["posts"], unknown_before=True)


def check_leaders(
    top: list[dict[str, Any]],
    posts: int,
    more: set[str] | frozenset[str] = frozenset(),
    most: int = 50,
    *,
    unknown_before: bool = False,
) -> None:
    check_order(top, posts, most)
    previous = [leader["previous_rank"] for leader in top if leader["previous_rank"] is not None]
    assert len(set(previous)) == len(previous)
    for rank, leader in enumerate(top, 1):
        assert leader.keys() == LEADER | more
        assert leader["rank"] == rank
        assert leader["previous_rank"] is None or leader["previous_rank"] in range(1, 51)
        if not unknown_before or leader["posts_before"] is not None:
            assert_number(leader["posts_before"])
        assert_number(leader["first_seen_ms"], at_least=1)


def check_order(top: list[dict[str, Any]], posts: int, most: int) -> None:
    assert len(top) <= most
    assert top == sorted(top, key=lambda entry: (-entry["posts"], entry["key"]))
    assert len({entry["key"] for entry in top}) == len(top)
    for entry in top:
        assert 1 <= entry["posts"] <= posts
        assert isinstance(entry["key"], str)
        assert isinstance(entry["label"], str)
        assert entry["key"]
        assert entry["label"]


def check_facets(facets: dict[str, Any], posts: int, panes: int) -> None:
    assert facets.keys() == {"source", "lang"}
    assert len(facets["lang"]) <= 8
    assert sum(value["posts"] for value in facets["source"].values()) == posts
    assert sum(value["posts"] for value in facets["lang"].values()) <= posts
    for value in (*facets["source"].values(), *facets["lang"].values()):
        assert value.keys() == {"posts", "posts_before", "top"}
        assert_number(value["posts"], at_least=1)
        assert_number(value["posts_before"])
        check_leaders(value["top"], value["posts"], {"panes"}, most=20)
        check_curves(value["top"], panes)


def check_panes(panes: list[dict[str, Any]], window_ms: int) -> None:
    assert len(panes) <= 60
    assert panes == sorted(panes, key=lambda pane: (pane["to_ms"], pane["epoch"]))
    for pane in panes:
        assert pane.keys() == {"epoch", "from_ms", "to_ms", "posts", "top", "window"}
        for name in ("epoch", "from_ms", "posts"):
            assert_number(pane[name])
        assert pane["from_ms"] < pane["to_ms"]
        check_named(pane["top"], pane["posts"], most=50)
        # Null in state files of before there were windows.
        if pane["window"] is not None:
            check_ended_window(pane["window"], pane, window_ms)


def check_ended_window(window: dict[str, Any], pane: dict[str, Any], window_ms: int) -> None:
    assert window.keys() == {"from_ms", "posts", "top", "sources", "counted_from_ms"}
    assert window["from_ms"] <= window["counted_from_ms"] < pane["to_ms"]
    assert window["sources"] or not window["posts"]
    assert window["from_ms"] == pane["to_ms"] - window_ms
    assert_number(window["posts"], at_least=pane["posts"])
    check_named(window["top"], window["posts"], most=20)


def check_named(top: list[dict[str, Any]], posts: int, most: int) -> None:
    check_order(top, posts, most)
    assert all(entry.keys() == {"key", "label", "posts"} for entry in top)


def check_health(health: dict[str, Any]) -> None:
    assert health.keys() == HEALTH
    for name in ("offset", "lag_posts", "lag_ms", "lost", "skipped", "cut", "started_at_ms", "query_failures"):
        assert_number(health[name])
    for name in ("newest_at_ms", "batch_ms"):
        assert_optional(health[name])
    assert isinstance(health["posts_per_second"], float)
    assert health["posts_per_second"] >= 0
    assert isinstance(health["epoch_reason"], str)
    assert health["query_error"] is None or isinstance(health["query_error"], str)
    ingest = health["ingest"]
    assert ingest.keys() == {"reachable", "since_ms", "error", "status"}
    assert ingest["reachable"] is (ingest["error"] is None)
    assert_number(ingest["since_ms"], at_least=1)
    assert ingest["status"] is None or ingest["status"].keys() >= STATUS
