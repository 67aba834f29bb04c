"""Each way counts what was sent to it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bench.baseline import MOST_SAID, Baseline, telling_line
from bench.contender import is_leading
from bench.material import Material, prepared
from bench.pipeline import Pipeline
from bench.posts import Kind
from bench.race import CLASSICS
from bench.rows.file import WAYS

POSTS = 3000
SECONDS = 150.0


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return prepared(tmp_path_factory.mktemp("material"), Kind(tags=200), POSTS)


def counts(way: Baseline | Pipeline) -> bool:
    with way:
        way.feed(1000)
        first = way.wait_for(1000, SECONDS)
        assert first > way.asked_at
        assert way.feed(POSTS) < way.wait_for(POSTS, SECONDS)
    return True


@pytest.mark.parametrize("letter", ["A", "B"])
def test_the_classic_streams_count_on_the_newest_spark_and_the_oldest(
    letter: str, material: Material, python: Path
) -> None:
    assert counts(Baseline(*CLASSICS[letter], material, python))


@pytest.mark.spark
@pytest.mark.parametrize("letter", ["C", "D"])
def test_the_others_count(letter: str, material: Material) -> None:
    assert counts(Baseline(*CLASSICS[letter], material))


@pytest.mark.spark
def test_the_one_that_finds_the_hashtags_itself_counts(material: Material) -> None:
    assert counts(Baseline(*WAYS["D"], material))


@pytest.mark.spark
def test_we_count(material: Material) -> None:
    assert counts(Pipeline(material))


def test_the_limit_counts(material: Material) -> None:
    command = [sys.executable, "-m", "bench.baselines.limit", str(material.path("posts")), "2"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert answer["seconds"] > 0
    assert is_leading(answer["top"], material.counts(POSTS))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            ["java.lang.OutOfMemoryError: Java heap space\n", "+- Project\n", "   +- Scan\n"],
            "java.lang.OutOfMemoryError: Java heap space",
        ),
        (["Killed\n", "\n"], "Killed"),
        (["SomeException: Query [id = 1-2, runId = 3-4] terminated\n"], "SomeException: Query terminated"),
        ([], "without a word"),
    ],
)
def test_what_ended_a_way_is_told_in_one_line(said: list[str], told: str) -> None:
    assert telling_line(said) == told
    assert len(telling_line(["an Error: " + "x" * 1000])) == MOST_SAID
