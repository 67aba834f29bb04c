"""The way that reads files: what is in them, and that each of its lists is checked."""

import json
from pathlib import Path

import pytest
from bench.contender import WrongCountError
from bench.flink import Flink, partitions, version, why_not
from bench.material import Material, prepared
from bench.posts import START_MS, Kind

from bench import flink

POSTS, PER_SECOND = 200_000, 2_000
A_WINDOW = 20_000
SECONDS = 90.0


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return prepared(tmp_path_factory.mktemp("material"), Kind(tags=300, per_second=PER_SECOND), POSTS)


class Told(Flink):
    """Shows what it is told, and starts no process."""

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass


def test_each_file_has_its_posts_in_the_order_of_time_and_one_behind_the_last_window(material: Material) -> None:
    files = partitions(material, 50_000)
    posts = [[json.loads(line) for line in file.read_text().splitlines()] for file in files]
    assert sorted(post["offset"] for lines in posts for post in lines[:-1]) == list(range(50_000))
    for lines in posts:
        times = [post["at_ms"] for post in lines]
        assert times == sorted(times)
        assert lines[-1] == {"at_ms": START_MS + 30_000, "tags": []}


def test_more_posts_than_a_window_takes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"400,000 posts don't fit in one window"):
        partitions(Material(Path("/nowhere"), Kind(per_second=1_000), 400_000), 400_000)


def told(material: Material, *counted: int) -> Told:
    way = Told("E", material)
    for posts in counted:
        way.show(material.counts(posts).most_common(10))
    return way


def test_the_list_of_each_window_is_checked(material: Material) -> None:
    assert told(material, A_WINDOW, 2 * A_WINDOW, 50_000).wait_for(50_000, 1) > 0
    with pytest.raises(WrongCountError, match="the list of window 2 is wrong"):
        told(material, A_WINDOW, 2 * A_WINDOW - 1000, 50_000).wait_for(50_000, 1)


def test_windows_behind_the_last_post_may_be_shown_too(material: Material) -> None:
    assert told(material, A_WINDOW, 2 * A_WINDOW, 2 * A_WINDOW).wait_for(2 * A_WINDOW, 1) > 0


def test_without_the_environment_there_is_no_version_and_a_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(flink, "VENV", tmp_path)
    monkeypatch.setattr(flink, "PYTHON", tmp_path / "bin" / "python")
    assert version() is None
    assert str(why_not()).startswith("PyFlink is not installed")


# `make bench` installs Flink. `make test` doesn't download 340 MB for it.
if why_not() is None:

    @pytest.mark.spark
    def test_it_counts(material: Material) -> None:
        with Flink("E", material) as way:
            fed_at = way.feed(POSTS)
            shown_at = way.wait_for(POSTS, SECONDS)
            assert fed_at < way.asked_at < shown_at
            assert way.memory_bytes() > 0
