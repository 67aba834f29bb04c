"""A file that is replayed into the running stack: what the page shows of it, and who did the work."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.compose.conftest import need_engine
from tests.compose.stack import ComposeStack
from tests.end_to_end.posts import LEADERS, write_posts

pytestmark = pytest.mark.timeout(1200)

COPIES = 120
# Enough for two tasks and more: a task has 8,192 posts at least.
POSTS_PER_WORKER = 8_192
BYTES_PER_POST = 100


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A folder with `posts.jsonl`, and how many posts that has: the planned ones, many times over."""
    folder = tmp_path_factory.mktemp("input")
    folder.chmod(0o755)
    planned = folder / "planned.jsonl"
    count = write_posts(planned)
    lines = [json.loads(line) for line in planned.read_text(encoding="utf-8").splitlines()]
    with (folder / "posts.jsonl").open("w", encoding="utf-8") as file:
        for copy in range(COPIES):
            for line in lines:
                file.write(json.dumps(line | {"id": f"{line['id']}:{copy}"}, ensure_ascii=False) + "\n")
    return folder, count * COPIES


@pytest.fixture(scope="module")
def replay(posts: tuple[Path, int]) -> Iterator[ComposeStack]:
    """The stack on that file, with two workers."""
    need_engine()
    folder, _ = posts
    stack = ComposeStack(
        "hashtags-replay",
        SOURCE="replay",
        REPLAY_FILE="/input/posts.jsonl",
        REPLAY_SPEED="0",
        INPUT_DIR=str(folder),
        SPARK_WORKER_CORES="1",
    )
    with stack.running("--scale", "spark-worker=2"):
        yield stack


def test_a_replayed_file_is_counted_to_the_post_and_stands_on_the_page(
    replay: ComposeStack, posts: tuple[Path, int], browser: Browser
) -> None:
    _, count = posts
    leaders = [(label, many * COPIES) for label, many in LEADERS]
    snapshot = replay.snapshot_where(lambda now: bool(now["health"]["offset"] == count), "all posts counted")
    assert snapshot["total"]["posts"] == count
    assert [(tag["label"], tag["posts"]) for tag in snapshot["total"]["top"][:10]] == leaders
    page = browser.new_page()
    page.goto(replay.address)
    page.wait_for_function("count => document.querySelectorAll('#leaders tbody tr').length >= count", arg=len(leaders))
    text = page.locator("#leaders tbody").text_content() or ""
    page.close()
    for label, many in leaders:
        assert f"{label}{many}" in text


def test_both_workers_read_a_part_of_it(replay: ComposeStack, posts: tuple[Path, int]) -> None:
    replay.snapshot_where(lambda now: bool(now["health"]["offset"] == posts[1]), "all posts counted")
    for number in (1, 2):
        command = (
            "exec",
            "-T",
            "--index",
            str(number),
            "spark-worker",
            "cat",
            "/sys/class/net/eth0/statistics/rx_bytes",
        )
        assert int(replay.compose(*command).stdout) > POSTS_PER_WORKER * BYTES_PER_POST * 2
