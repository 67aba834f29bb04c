"""The job is killed around the end of hours: the archive has each hour once, as a recount of the posts gives it."""

import os
import random
import subprocess
import sys
from pathlib import Path

from tests.spark_job.support import archiving_process
from tests.spark_job.support.archiving_process import POINTS, posts_of
from tests.spark_job.support.hours import files, recounted, stored
from tests.spark_job.support.recount import Post

ROOT = Path(__file__).resolve().parents[3]
NAMES = [f"date=2026-11-20/hour-{hour}.parquet" for hour in (12, 13, 14, 15)]


def run(folder: Path, seed: int, point: str, times: int) -> int:
    """Let the process count until it kills itself, or until the end."""
    arguments = [str(folder / "counts"), str(folder / "archive"), str(seed), point, str(times)]
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'spark-job'}"}
    command = [sys.executable, "-m", archiving_process.__name__, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=False).returncode


def test_each_hour_is_in_the_archive_once_through_kills(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    points = [*POINTS]
    dice.shuffle(points)
    killed = [run(tmp_path, seed, point, dice.randrange(2)) for point in points]
    assert run(tmp_path, seed, "", 0) == 0, f"seed {seed}"
    # A process that passes its point too few times comes to its end.
    assert killed.count(-9) >= 4, f"seed {seed}"
    assert files(tmp_path / "archive") == NAMES, f"seed {seed}"
    expected = recounted(archiving_process_posts(seed))
    assert [stored(tmp_path / "archive" / name) for name in NAMES] == [*expected.values()], f"seed {seed}"


def archiving_process_posts(seed: int) -> list[Post]:
    """The posts, each in the minute in which its pane begins."""
    pane_ms = archiving_process.PANE_MS
    return [{**one, "at_ms": one["at_ms"] - one["at_ms"] % pane_ms} for one in posts_of(seed)]
