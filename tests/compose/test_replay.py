"""A file that is replayed into three workers: what the page shows of it, and what becomes of it from then on.

Spark is that of the image apache/spark, with another home, another user and Python 3.10.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from tests.compose.docs import code_block
from tests.compose.engine import APACHE_TAG, TAG, run
from tests.compose.page import open_page
from tests.compose.stack import ComposeStack
from tests.end_to_end.posts import LEADERS, write_posts

pytestmark = pytest.mark.timeout(1200)

COPIES = 200
WORKERS = 3
# A task has 8,192 posts at least, and a micro-batch of these tests four tasks.
POSTS_PER_TASK = 8_192
POSTS_PER_BATCH = 4 * POSTS_PER_TASK
BYTES_PER_POST = 100
SECRET = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A folder with `posts.jsonl`, and how many posts that has: the planned ones, many times over."""
    folder = tmp_path_factory.mktemp("input")
    planned = folder / "planned.jsonl"
    count = write_posts(planned)
    lines = [json.loads(line) for line in planned.read_text(encoding="utf-8").splitlines()]
    with (folder / "posts.jsonl").open("w", encoding="utf-8") as file:
        for copy in range(COPIES):
            for line in lines:
                file.write(json.dumps(line | {"id": f"{line['id']}:{copy}"}, ensure_ascii=False) + "\n")
    return folder, count * COPIES


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Secrets that somebody gives as files, by the setting that names their folder."""
    folders = {}
    for setting, name in (("PUSH_SECRET_DIR", "token"), ("SPARK_SECRET_DIR", "secret")):
        folders[setting] = tmp_path_factory.mktemp(name)
        (folders[setting] / name).write_text(SECRET + name)
    return folders


@pytest.fixture(scope="module")
def replay(
    apache_images: None, posts: tuple[Path, int], secrets: dict[str, Path], figures: list[str]
) -> Iterator[ComposeStack]:
    """The stack on that file and with these secrets, which user 1001 can read."""
    folders = {"INPUT_DIR": posts[0], **secrets}
    for folder in folders.values():
        folder.chmod(0o755)
    stack = ComposeStack(
        "hashtags-replay",
        IMAGE_TAG=APACHE_TAG,
        SOURCE="replay",
        REPLAY_FILE="/input/posts.jsonl",
        REPLAY_SPEED="0",
        MAX_POSTS_PER_BATCH=str(POSTS_PER_BATCH),
        SPARK_WORKER_CORES="1",
        **{setting: str(folder) for setting, folder in folders.items()},
    )
    with stack.running("--scale", f"spark-worker={WORKERS}"):
        yield stack


def counted(stack: ComposeStack, posts: tuple[Path, int]) -> dict[str, Any]:
    """The snapshot that has the whole file, after checking it to the post."""
    snapshot = stack.snapshot_where(lambda now: bool(now["health"]["offset"] == posts[1]), "all posts counted")
    assert snapshot["total"]["posts"] == posts[1]
    assert [(tag["label"], tag["posts"]) for tag in snapshot["total"]["top"][:10]] == [
        (label, many * COPIES) for label, many in LEADERS
    ]
    assert snapshot["health"]["lost"] == 0
    return dict(snapshot)


def test_a_replayed_file_is_counted_to_the_post_and_stands_on_the_page(
    replay: ComposeStack, posts: tuple[Path, int], browser: Browser
) -> None:
    counted(replay, posts)
    page = browser.new_page()
    open_page(page, replay.address)
    rows = page.locator("#leaders tbody tr")
    expect(rows).to_have_count(len(LEADERS), timeout=30_000)
    for row, (label, many) in zip(rows.all(), LEADERS, strict=True):
        expect(row).to_contain_text(label)
        expect(row).to_contain_text(re.compile(f"{many * COPIES:,}".replace(",", ",?")))
    page.close()


WHERE_SPARK_IS = "import os, pyspark; print(os.environ['SPARK_HOME'], pyspark.__file__, os.getuid())"


def test_spark_is_where_the_image_of_apache_has_it(replay: ComposeStack) -> None:
    for service in ("spark-job", "spark-worker"):
        home, module, user = replay.run_in(service, "python", "-c", WHERE_SPARK_IS).split()
        assert (home, module, user) == ("/opt/spark", "/opt/spark/python/pyspark/__init__.py", "1001")


def test_all_workers_read_a_part_of_it(replay: ComposeStack, posts: tuple[Path, int]) -> None:
    counted(replay, posts)
    for index in range(1, WORKERS + 1):
        received = replay.run_in("spark-worker", "cat", "/sys/class/net/eth0/statistics/rx_bytes", index=index)
        assert int(received) > POSTS_PER_TASK * BYTES_PER_POST * 2, index


def test_secrets_that_are_given_as_files_are_used_as_they_are(replay: ComposeStack, secrets: dict[str, Path]) -> None:
    assert replay.run_in("dashboard", "cat", "/secrets/push/token") == f"{SECRET}token"
    assert replay.run_in("spark-worker", "tail", "-n", "1", "/tmp/spark.conf").split()[1] == f"{SECRET}secret"
    assert [len(list(folder.iterdir())) for folder in secrets.values()] == [1, 1]


@pytest.fixture(scope="module")
def refused(replay: ComposeStack) -> Iterator[ComposeStack]:
    """The same stack, with a source that has nothing for us."""
    server = f"{replay.project}-nothing"
    network = ("--network", f"{replay.project}_outside", "--workdir", "/input")
    command = ("python", "-u", "-m", "http.server", "--protocol", "HTTP/1.1", "8080")
    run("docker", "run", "--detach", "--name", server, *network, f"hashtags-live/ingest:{TAG}", *command)
    try:
        replay.settings |= {"SOURCE": "bluesky", "BLUESKY_HOSTS": f"ws://{server}:8080"}
        replay.up()
        yield replay
    finally:
        run("docker", "rm", "--force", server)


def test_a_source_that_refuses_us_is_shown_and_makes_no_restart_loop(
    refused: ComposeStack, posts: tuple[Path, int], browser: Browser
) -> None:
    server = f"{refused.project}-nothing"
    page = browser.new_page()
    open_page(page, refused.address)
    sentence = f"{server}:8080 answers 404 and 404: there is no Jetstream stream, check BLUESKY_HOSTS"
    expect(page.get_by_role("contentinfo")).to_contain_text(sentence, timeout=30_000)
    page.close()
    assert set(refused.restarts().values()) == {0}
    assert {one["State"]["Health"]["Status"] for one in refused.containers()} == {"healthy"}
    # What it has, it goes on serving; and it knocks at both doors of such a server once.
    counted(refused, posts)
    assert run("sh", "-c", f"docker logs {server} 2>&1").count('" 404 ') == 2


def test_a_backup_is_made_and_restored_by_the_lines_of_the_docs(
    refused: ComposeStack, posts: tuple[Path, int], tmp_path: Path
) -> None:
    before = counted(refused, posts)
    refused.run_block(code_block("Backup and restore", 0), tmp_path)
    # It ends with `down` and `up`, after which all is as it was.
    after = counted(refused, posts)
    assert (after["epoch"], after["total"]) == (before["epoch"], before["total"])
    refused.run_block(code_block("Backup and restore", 1), tmp_path)
    restored = counted(refused, posts)
    assert (restored["epoch"], restored["total"]) == (before["epoch"], before["total"])
