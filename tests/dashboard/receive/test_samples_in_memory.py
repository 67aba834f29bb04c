"""Sample posts are nowhere but in the answer of their own address: a marker in a post is searched for everywhere."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
import socketio  # type: ignore[import-untyped]
from tests.dashboard.conftest import EPOCH, TOKEN
from tests.dashboard.support import feeder, panel
from tests.dashboard.support.rising import pane_with_people, sample, with_authors
from tests.processes import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.dashboard.conftest import Dashboard

pytestmark = pytest.mark.slow

MARKER = "xq7MARKERq7x"
TAGS = {"WorldCup": 310, "Rain": 120}
VIEWS: tuple[dict[str, Any], ...] = (
    {}, {"ranking": "total"}, {"ranking": "batch"}, {"ranking": "rising"}, {"by": "authors"}, {"source": "demo"},
    {"lang": "en"},
)  # fmt: skip


def body(now_ms: int, seq: int, **changes: Any) -> dict[str, Any]:
    closed = pane_with_people(feeder.pane(now_ms // 10_000 * 10_000 - 10_000, TAGS, epoch=EPOCH, window=TAGS))
    tag = {"key": "worldcup", "label": "WorldCup"}
    post = panel.post(
        7, now_ms, text=f"{MARKER} text", id=f"demo:{MARKER}", url=f"https://{MARKER}.example/", tags=[tag]
    )
    fields = {"samples": panel.samples(post), "pairs": panel.pairs(now_ms, worldcup={"Rain": 3}), "mute": panel.mute()}
    made = feeder.snapshot(TAGS, now_ms, seq, EPOCH, panes=[closed], rising=sample(now_ms), **fields)
    return {**with_authors(made), **changes}


def read(url: str, path: str) -> str:
    """The answer with its headers, whatever its status."""
    try:
        with urllib.request.urlopen(f"{url}{path}", timeout=30) as answer:
            return f"{answer.headers}{answer.read().decode(errors='replace')}"
    except urllib.error.HTTPError as error:
        return f"{error.headers}{error.read().decode(errors='replace')}"


def events(url: str, push: Any) -> str:
    """All events and acknowledgements of all views, while a snapshot is pushed."""
    found: list[Any] = []
    with socketio.SimpleClient() as client:
        client.connect(url, wait_timeout=30)
        found.append(client.receive(timeout=30))
        for view in VIEWS:
            found.append(client.call("view", view, timeout=30))
            push()
            found.append(client.receive(timeout=30))
            found.append(client.call("latest", timeout=30))
    return json.dumps(found)


def stored(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_sample_post_is_only_in_its_own_answer(dashboard: Dashboard) -> None:
    now_ms, seqs = int(time.time() * 1000), iter(range(1, 1000))

    def push(**changes: Any) -> dict[str, Any]:
        return feeder.push(dashboard.url, TOKEN, body(now_ms, next(seqs), **changes))

    assert push()["needs_samples"] is False
    paths = [
        "/", "/?embed", "/?by=authors", "/?view=rising", "/api", "/api/openapi.json", "/api/snapshot", "/api/rising",
        "/api/history", "/api/timeline", f"/api/windows?at_ms={now_ms}", f"/api/windows?at_ms={now_ms}&by=authors",
        f"/api/windows?at_ms={now_ms}&view=rising", "/api/tags/worldcup", "/api/tags/unknown", "/api/tags/rain/posts",
        "/api/pushes", "/api/time", "/metrics", "/healthz", "/readyz", "/preview.png", "/api/nothing",
    ]  # fmt: skip
    answers = {path: read(dashboard.url, path) for path in paths}
    assert [path for path, text in answers.items() if MARKER in text] == []
    assert MARKER not in events(dashboard.url, push)
    # A push that is refused is not quoted, and not logged.
    post = panel.post(7, now_ms, "WorldCup", text=MARKER * 200)
    for wrong in ({"posts": [{**post, "offset": MARKER}], "of": {MARKER: [0]}}, panel.samples(post), {MARKER: 1}):
        with pytest.raises(urllib.error.HTTPError, match="400") as caught:
            push(samples=wrong)
        assert MARKER not in caught.value.read().decode()
    assert MARKER not in read(dashboard.url, "/healthz")
    assert MARKER in read(dashboard.url, "/api/tags/worldcup/posts")
    dashboard.stop()
    assert MARKER not in dashboard.stderr
    assert MARKER.encode() not in stored(dashboard.folder)
    assert b"worldcup" in stored(dashboard.folder)


def test_no_post_is_shown_when_the_job_is_silent(dashboard: Dashboard) -> None:
    now_ms = int(time.time() * 1000)
    feeder.push(dashboard.url, TOKEN, body(now_ms, 1))
    pushed = time.monotonic()
    assert MARKER in read(dashboard.url, "/api/tags/worldcup/posts")

    def is_gone() -> bool:
        requested = time.monotonic()
        gone = MARKER not in read(dashboard.url, "/api/tags/worldcup/posts")
        # No request after ten seconds gets it. The answer to an earlier one may come late.
        assert gone or requested - pushed < 10
        return gone

    wait_until(is_gone, "the post is gone", 30)
    # The next snapshot without samples learns that they are missing.
    again = {name: value for name, value in body(now_ms, 2).items() if name != "samples"}
    assert feeder.push(dashboard.url, TOKEN, again)["needs_samples"] is True
