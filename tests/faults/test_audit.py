"""`scripts/audit.py` as its operator calls it, against a page that keeps what the test says."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tests.faults.supervisor import ROOT
from tests.spark_job.support.fake_ingest import FakeIngest, post

T = 1_795_176_000_000
# Three closed panes of ten seconds with 2, 0 and 3 posts; one post in the open one.
POSTS = [
    post(["Goal", "news"], T + 1),
    post(["GOAL"], T + 9_999),
    post(["goal"], T + 20_000),
    post(["Goal"], T + 20_001),
    post([], T + 29_999),
    post(["news"], T + 30_000),
]


def tag(key: str, label: str, posts: int) -> dict[str, Any]:
    return {"key": key, "label": label, "posts": posts}


class Page:
    """What the dashboard answers: the true counts of `POSTS`, until a test changes them."""

    def __init__(self, log: str) -> None:
        self.panes: list[dict[str, Any]] = [
            {
                "epoch": 1,
                "from_ms": T,
                "to_ms": T + 10_000,
                "posts": 2,
                "top": [tag("goal", "GOAL", 2), tag("news", "news", 1)],
            },
            {"epoch": 1, "from_ms": T + 10_000, "to_ms": T + 20_000, "posts": 0, "top": []},
            {"epoch": 1, "from_ms": T + 20_000, "to_ms": T + 30_000, "posts": 3, "top": [tag("goal", "Goal", 2)]},
        ]
        top = [tag("goal", "Goal", 4), tag("news", "news", 2)]
        self.snapshot: dict[str, Any] = {
            "epoch": 1,
            "pane_seconds": 10,
            "window_seconds": 60,
            "window": {"from_ms": T - 20_000, "to_ms": T + 31_000, "posts": 6, "top": top},
            "total": {"posts": 6, "top": top},
            "health": {"offset": 6, "lost": 0, "ingest": {"status": {"log": log}}},
        }

    def answer(self, path: str) -> dict[str, Any]:
        if path == "/api/snapshot":
            return self.snapshot
        from_ms = int(path.partition("=")[2])
        page = [pane for pane in self.panes if pane["from_ms"] >= from_ms]
        return {"panes": page[:2], "next_from_ms": page[2]["from_ms"] if len(page) > 2 else None}


class Handler(BaseHTTPRequestHandler):
    page: Page

    def do_GET(self) -> None:
        body = json.dumps(self.page.answer(self.path)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


class Scene:
    def __init__(self, ingest: FakeIngest, page: Page, port: int) -> None:
        self.ingest, self.page, self.port = ingest, page, port

    def audit(self) -> tuple[int, list[str]]:
        """Exit code, and what it said."""
        command = [sys.executable, str(ROOT / "scripts" / "audit.py"), "--ingest", f"127.0.0.1:{self.ingest.port}"]
        command += ["--dashboard", f"http://127.0.0.1:{self.port}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, (done.stdout + done.stderr).splitlines()


@pytest.fixture
def scene() -> Iterator[Scene]:
    with FakeIngest() as ingest:
        ingest.append(*POSTS)
        page = Page(ingest.log)
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("PageHandler", (Handler,), {"page": page}))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield Scene(ingest, page, server.server_address[1])
        server.shutdown()
        server.server_close()


def test_without_a_difference_it_says_what_was_compared(scene: Scene) -> None:
    assert scene.audit() == (
        0,
        [
            "compared: 6 posts, 3 closed panes, the window, the totals; 0 lost before they were counted",
            "differences: 0",
        ],
    )


def test_posts_that_came_since_the_snapshot_are_left_out(scene: Scene) -> None:
    scene.ingest.append(post(["late"], T + 31_500))
    assert scene.audit()[0] == 0


def test_a_tag_counted_twice_is_a_difference(scene: Scene) -> None:
    scene.page.panes[2]["top"] = [tag("goal", "Goal", 3)]
    code, said = scene.audit()
    assert code == 1
    assert said[0] == "pane 2026-11-20T12:00:20+00:00: #goal: 2 held, 3 shown"
    assert said[-1] == "differences: 1"


def test_a_lost_post_without_tags_is_a_difference(scene: Scene) -> None:
    scene.page.panes[2]["posts"] = 2
    assert scene.audit()[1][0] == "pane 2026-11-20T12:00:20+00:00: posts: 3 held, 2 shown"


def test_a_pane_that_is_not_kept_is_a_difference(scene: Scene) -> None:
    del scene.page.panes[1]
    code, said = scene.audit()
    assert code == 1
    assert said[0] == "pane 2026-11-20T12:00:10+00:00: not kept by the dashboard, 0 posts held"


def test_a_rarer_spelling_is_a_difference(scene: Scene) -> None:
    # Both once in the first pane: then the first by code point.
    scene.page.panes[0]["top"][0]["label"] = "Goal"
    code, said = scene.audit()
    assert code == 1
    assert said[0] == "pane 2026-11-20T12:00:00+00:00: #goal: spelled Goal, not GOAL"


def test_a_wrong_window_or_total_is_a_difference(scene: Scene) -> None:
    scene.page.snapshot["window"] = scene.page.snapshot["window"] | {"posts": 7}
    scene.page.snapshot["total"] = scene.page.snapshot["total"] | {"posts": 5}
    assert scene.audit()[1][:2] == ["window: posts: 6 held, 7 shown", "totals: posts: 6 held, 5 shown"]


def with_authors(top: list[dict[str, Any]], *authors: int) -> list[dict[str, Any]]:
    return [each | {"authors": count} for each, count in zip(top, authors, strict=True)]


def test_the_authors_of_the_window_are_compared(scene: Scene) -> None:
    window = scene.page.snapshot["window"]
    # One author in two sources is two, and posts without an author have one each.
    for author, source in (("ann", "demo"), ("ann", "demo"), ("ann", "x"), (None, "demo"), (None, "demo")):
        scene.ingest.append(post(["news"], T + 30_001, author=author, source=source))
    news = [tag("news", "news", 7), tag("goal", "Goal", 4)]
    scene.page.snapshot["health"]["offset"] = 11
    scene.page.snapshot["total"] = {"posts": 11, "top": news}
    scene.page.snapshot["window"] = window | {
        "posts": 11,
        "top": with_authors(news, 6, 4),
        "authors": 10,
        "by_authors": with_authors(news, 6, 4),
    }
    code, said = scene.audit()
    assert (code, said[0]) == (
        0,
        "compared: 11 posts, 3 closed panes, the window, its authors, the totals; 0 lost before they were counted",
    )
    scene.page.snapshot["window"] |= {"authors": 11, "by_authors": with_authors(news, 7, 4)}
    assert scene.audit()[1][:2] == ["window: authors: 10 held, 11 shown", "window: #news: 6 authors held, 7 shown"]


def test_authors_of_which_the_job_stores_a_sample_are_not_compared(scene: Scene) -> None:
    scene.ingest.append(*(post([], T + 30_001) for _ in range(4_097)))
    scene.page.snapshot["health"]["offset"] = 6 + 4_097
    scene.page.snapshot["total"] |= {"posts": 6 + 4_097}
    scene.page.snapshot["window"] |= {"posts": 6 + 4_097, "authors": 1, "by_authors": []}
    code, said = scene.audit()
    assert code == 0
    assert "its authors" not in said[0]


def test_panes_whose_posts_were_trimmed_are_not_compared(scene: Scene) -> None:
    scene.ingest.trim(1)
    scene.page.panes[0]["posts"] = 99
    assert scene.audit() == (
        0,
        ["compared: 5 posts, 2 closed panes; 0 lost before they were counted", "differences: 0"],
    )


def test_panes_of_an_older_epoch_are_not_compared(scene: Scene) -> None:
    scene.page.panes.insert(0, scene.page.panes[0] | {"epoch": 0, "posts": 99})
    assert scene.audit()[0] == 0


@pytest.mark.parametrize("case", ["another log", "a shorter log", "no ingest", "no page"])
def test_what_cannot_be_compared_is_one_sentence(scene: Scene, case: str) -> None:
    match case:
        case "another log":
            scene.ingest.replace_log("log-b")
        case "a shorter log":
            scene.ingest.put_back(3)
        case "no ingest":
            scene.ingest.leave()
        case _:
            scene.port = 1
    code, said = scene.audit()
    assert code == 2
    assert len(said) == 1
    assert said[0].startswith("audit: ")


def with_deletions(scene: Scene, shown: dict[str | None, int], next_change: int | None) -> None:
    """The second and the fourth post are deleted, the third one is edited between. The page shows these numbers."""
    scene.ingest.delete(1)
    scene.ingest.delete(2, "edited", "another text")
    scene.ingest.delete(3)
    scene.page.snapshot["health"]["next_change"] = next_change
    scene.page.snapshot["window"] |= {"by_authors": [], "authors": 6, "taken_back": shown[None]}
    window = scene.page.snapshot["window"]
    window["top"] = [one | {"taken_back": shown[one["key"]]} for one in window["top"]]


@pytest.mark.parametrize(
    ("next_change", "shown"),
    [
        (3, {None: 2, "goal": 2, "news": 0}),
        (2, {None: 1, "goal": 1, "news": 0}),
        (0, {None: 0, "goal": 0, "news": 0}),
    ],
)
def test_deleted_posts_are_counted_again_and_authors_of_these_panes_can_not_be(
    scene: Scene, next_change: int, shown: dict[str | None, int]
) -> None:
    with_deletions(scene, shown, next_change)
    parts = "3 closed panes, the window, its deleted posts, the totals"
    assert scene.audit() == (
        0,
        [f"compared: 6 posts, {parts}; 0 lost before they were counted", "differences: 0"],
    )


def test_a_wrong_number_of_deleted_posts_is_a_difference(scene: Scene) -> None:
    with_deletions(scene, {None: 0, "goal": 2, "news": 1}, next_change=2)
    code, said = scene.audit()
    assert code == 1
    assert said[:3] == [
        "window: all posts: 1 deleted posts held, 0 shown",
        "window: #goal: 1 deleted posts held, 2 shown",
        "window: #news: 0 deleted posts held, 1 shown",
    ]


@pytest.mark.parametrize("case", ["an older job", "trimmed changes"])
def test_deleted_posts_are_not_compared_when_it_is_not_known_which_are_counted(scene: Scene, case: str) -> None:
    with_deletions(scene, {None: 1, "goal": 1, "news": 0}, next_change=None if case == "an older job" else 1)
    if case == "trimmed changes":
        assert scene.ingest.changes is not None
        scene.ingest.changes = scene.ingest.changes[2:]
        scene.ingest.first_change = 2
    assert scene.audit() == (
        0,
        [
            "compared: 6 posts, 3 closed panes, the window, the totals; 0 lost before they were counted",
            "differences: 0",
        ],
    )
