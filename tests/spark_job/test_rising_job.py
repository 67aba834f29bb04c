"""Rising hashtags by the job as its real process: what rises, what is held back, and exactness through kills."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.conftest import ON_THE_NEWEST_SPARK
from tests.processes import wait_until
from tests.spark_job.conftest import T
from tests.spark_job.support import snapshot_checks as shape
from tests.spark_job.support.fake_dashboard import FakeDashboard
from tests.spark_job.support.fake_ingest import FakeIngest, post
from tests.spark_job.support.job_process import LEFT_SECONDS, JobProcess
from tests.spark_job.support.rising_log import MINUTE_MS, TABLES, Post, Recount, copies, crowd, stored, usual

# What rises is decided in the driver.
pytestmark = ON_THE_NEWEST_SPARK
START_SECONDS = 120.0
PANE, WINDOW = 10_000, 300_000
WARM = T + 40 * MINUTE_MS
#: So many usual posts are in a pane. A micro-batch of six panes has each pane looked at.
A_PANE = 5


class Scene:
    """A job between an ingest that offers columns and a dashboard."""

    def __init__(self, python: Path, folder: Path, dashboard: FakeDashboard, ingest: FakeIngest) -> None:
        self.python, self.folder, self.dashboard, self.ingest = python, folder, dashboard, ingest
        self.posts: list[Post] = []

    def job(self, **settings: object) -> JobProcess:
        addresses = {"INGEST_PORT": self.ingest.port, "DASHBOARD_URL": self.dashboard.url}
        return JobProcess(self.python, self.folder / "run", **(addresses | settings))

    def write(self, *posts: Post) -> None:
        self.posts += posts
        self.ingest.append(*posts)

    def counted(self, offset: int) -> dict[str, Any]:
        """The newest snapshot, when all posts before this offset are counted."""
        return self.dashboard.wait_for(lambda newest: newest["health"]["offset"] >= offset, START_SECONDS)

    def rising(self, until_ms: int) -> dict[str, Any]:
        """The list when the pane that ends at `until_ms` has closed."""
        snapshot = self.dashboard.wait_for(
            lambda newest: newest["rising"] is not None and newest["rising"]["at_ms"] >= until_ms, START_SECONDS
        )
        shape.check(snapshot)
        found: dict[str, Any] = snapshot["rising"]
        assert found["at_ms"] == until_ms
        return found

    def baseline(self, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
        """What a job that has ended has stored."""
        with duckdb.connect(str(self.folder / "run" / "data" / "counts" / "counts.duckdb"), read_only=True) as db:
            return stored(db, *tables)


@pytest.fixture
def scene(python: Path, tmp_path: Path) -> Iterator[Scene]:
    with FakeDashboard() as dashboard, FakeIngest(run_posts=500) as ingest:
        yield Scene(python, tmp_path, dashboard, ingest)


def keys(rising: dict[str, Any]) -> list[list[str]]:
    return [[tag["key"] for tag in topic["tags"]] for topic in rising["topics"]]


def kill(job: JobProcess) -> None:
    job.signal(signal.SIGKILL)
    job.ends()
    wait_until(lambda: not job.left(), "an end of all processes after the job was killed", LEFT_SECONDS)


def test_a_burst_of_three_hundred_people_rises_and_what_few_make_moves_nothing(scene: Scene) -> None:
    with scene.job() as job:
        # A source or language takes part while its window has fewer people than its past: 400 more are not too many.
        scene.write(
            *usual(T, WARM + PANE, every_ms=1_000), *crowd("Quake", WARM + PANE - 1, 300), post([], WARM + PANE)
        )
        rising = scene.rising(WARM + PANE)
        assert (keys(rising), rising["missing_ms"], rising["held_back"]) == ([["quake"]], 0, [])
        ((tag,),) = (topic["tags"] for topic in rising["topics"])
        numbers = ("label", "posts", "authors", "voices", "since_ms", "copies", "lang", "lang_part", "new")
        assert [tag[name] for name in numbers] == ["Quake", 300, 300, 300, WARM, 0.0, "en", 1.0, True]
        assert tag["expected"] == pytest.approx(0.5, abs=0.01)
        assert tag["panes"] == [0] * 29 + [300]

        # One account with 10,000 posts, five with 2,000 each, and 400 accounts with one text.
        begin = WARM + 2 * PANE
        scene.write(*usual(WARM + PANE, begin, every_ms=1_000))
        scene.write(*crowd("one", begin - 1, 1, first=1_000, posts_each=10_000))
        scene.write(*crowd("five", begin - 1, 5, first=2_000, posts_each=2_000))
        scene.write(*copies("copied", begin - 1, 400), post([], begin))
        rising = scene.rising(begin)
        assert keys(rising) == [["quake"]]
        assert rising["topics"][0]["tags"][0]["panes"] == [0] * 28 + [300, 0]
        held_back = {one["key"]: (one["posts"], one["authors"], one["why"]) for one in rising["held_back"]}
        assert held_back == {
            "one": (10_000, 1, "few people"),
            "five": (10_000, 5, "few people"),
            "copied": (400, 400, "copies"),
        }
        panes = scene.dashboard.panes
        # A copy of them: a thread adds the ones that come.
        wait_until(lambda: max(start for _, start in [*panes]) == begin - PANE, "the panes of the burst", START_SECONDS)
        newest = {start: pane["rising"] for (_, start), pane in [*panes.items()]}
        # Posts are deleted later too, so only the newest list says how many.
        assert [tag.pop("taken_back") for topic in rising["topics"] for tag in topic["tags"]] == [0]
        assert newest[begin - PANE] == rising
        job.signal(signal.SIGTERM)
        assert job.ends(5) == 0
    # The first half hour has no list, and says so.
    assert [one["missing_ms"] > 0 for start, one in sorted(newest.items()) if one][:3] == [True] * 3


def test_through_kills_each_pane_is_learned_once(scene: Scene) -> None:
    burst = [*crowd("quake", WARM + 1, 12), *crowd("quake", WARM + PANE + 1, 20, first=50)]
    # A list needs half an hour of history.
    posts = [*usual(WARM - 31 * MINUTE_MS, WARM + 3 * PANE), *burst]
    scene.write(*sorted(posts, key=lambda one: int(one["at_ms"])))
    batch: dict[str, object] = {"MAX_POSTS_PER_BATCH": 6 * A_PANE, "TRIGGER_SECONDS": 0}
    epochs = set()
    # Far from the end: the job counts on while this process stands still.
    for offset in (100, 300, 500):
        with scene.job(**batch) as job:
            before = scene.counted(offset)
            kill(job)
        assert before["health"]["offset"] < len(scene.posts)
        epochs.add(before["epoch"])
        scene.dashboard.snapshots.clear()
    end = WARM + 3 * PANE
    with scene.job(**batch) as job:
        scene.counted(len(scene.posts))
        scene.write(post([], end, author=1))
        rising = scene.rising(end)
        job.signal(signal.SIGTERM)
        assert job.ends(5) == 0
    epochs.add(scene.dashboard.snapshots[-1]["epoch"])
    assert len(epochs) == 1
    recount = Recount(scene.posts, PANE, WINDOW, end)
    # The hashes of the window are not among the stored tables.
    past = [name for name in TABLES if name != "rising_window"]
    assert scene.baseline(*past) == recount.tables(*past)
    assert recount.list is not None
    assert keys(rising) == [[tag.key for tag in topic] for topic in recount.list.topics] == [["quake"]]


def test_a_log_that_was_put_back_is_learned_once(scene: Scene) -> None:
    posts = usual(T, WARM)
    scene.write(*posts)
    with scene.job() as job:
        first = scene.counted(len(posts))
        scene.ingest.leave()
        scene.ingest.put_back(len(posts) // 2)
        del scene.posts[len(posts) // 2 :]
        # The same log with other posts from there on, of which it has more than before.
        later = usual(T + 20 * MINUTE_MS, WARM + 3 * PANE, every_ms=1_000)
        scene.write(*later, post([], WARM + 3 * PANE, author=1))
        scene.ingest.come_back()
        scene.dashboard.wait_for(
            lambda newest: newest["epoch"] > first["epoch"] and newest["health"]["offset"] == len(scene.posts),
            START_SECONDS,
        )
        rising = scene.rising(WARM + 3 * PANE)
        assert rising["missing_ms"] == 0
        job.signal(signal.SIGTERM)
        assert job.ends(5) == 0
    past = ("rising_facets", "rising_slots", "rising_slot_authors", "rising_authors")
    assert scene.baseline(*past) == Recount(scene.posts, PANE, WINDOW, WARM + 3 * PANE, look=False).tables(*past)
