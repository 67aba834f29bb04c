"""Where the counted posts are from: told with all totals, and with each window that is kept."""

from typing import Any, cast

from tests.spark_job.conftest import T
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.test_coordinator import Bench, bench

from spark_job.executor.ingest_client import SourceStatus

__all__ = ["bench"]

#: The rest of what ingest reports of a source.
SOURCE: dict[str, Any] = {
    "terms": [],
    "languages": [],
    "state": "live",
    "since_ms": T,
    "error": None,
    "accepted": 1,
    "duplicate": 0,
    "filtered": 0,
    "malformed": {},
}


def tick(bench: Bench, end: int, watermark_ms: int, *names: str) -> dict[str, Any]:
    bench.now_ms += 10_000
    seen = bench.seen(end, watermark_ms)
    assert seen.status is not None
    seen.status["sources"] = [cast("SourceStatus", {"name": name, **SOURCE}) for name in names]
    bench.counting.tick(seen, 0)
    return bench.newest


def kept(snapshot: dict[str, Any]) -> dict[int, list[str]]:
    return {(pane["from_ms"] - T) // 10_000: pane["window"]["sources"] for pane in snapshot["panes"]}


def test_each_kept_window_names_the_sources_of_its_posts(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T))
    bench.count(post(["a"], T + 10_000) | {"source": "bluesky"})
    bench.count(post([], T + 30_000) | {"source": "x"})
    snapshot = tick(bench, 3, T + 60_000, "demo", "bluesky", "x")
    # A window has three panes.
    assert kept(snapshot) == {
        0: ["demo"],
        1: ["bluesky", "demo"],
        2: ["bluesky", "demo"],
        3: ["bluesky", "x"],
        4: ["x"],
        5: ["x"],
    }
    assert snapshot["total"]["sources"] == ["bluesky", "demo", "x"]


def test_posts_of_a_file_are_marked_as_such(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    tick(bench, 0, T, "replay")
    bench.count(post(["a"], T) | {"source": "x"})
    snapshot = tick(bench, 1, T + 10_000, "replay")
    assert kept(snapshot) == {0: ["replay", "x"]}
    assert snapshot["total"]["sources"] == ["replay", "x"]


def test_a_new_epoch_forgets_the_sources_of_the_totals(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T))
    bench.now_ms += 5
    bench.resume("log-b", 0, 0)
    bench.count(post(["a"], T) | {"source": "x"})
    assert bench.newest["total"]["sources"] == ["x"]
