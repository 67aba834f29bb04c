import threading
from collections import Counter
from pathlib import Path

import pytest
from bench.contender import Contender, WrongCountError, is_leading
from bench.material import Material, prepared
from bench.posts import Kind

COUNTS = Counter({"a": 5, "b": 3, "c": 3, "d": 1})


class Told(Contender):
    """Shows what it is told."""

    name = "told"
    asked_at = 0.0

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass

    def feed(self, posts: int) -> float:
        return 0.0


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return prepared(tmp_path_factory.mktemp("material"), Kind(tags=50), 2000)


@pytest.mark.parametrize(
    ("top", "leading"),
    [
        ([("a", 5), ("b", 3)], True),
        ([("a", 5), ("c", 3)], True),
        ([("a", 5), ("d", 1)], False),
        ([("a", 4), ("b", 3)], False),
        ([("b", 3)], False),
        ([], False),
    ],
)
def test_a_top_list_is_right_when_nothing_greater_is_left_out(top: list[tuple[str, int]], leading: bool) -> None:
    assert is_leading(top, COUNTS) is leading


def test_it_is_waited_for_until_all_posts_are_shown(material: Material) -> None:
    tops = [material.counts(posts).most_common(10) for posts in (1000, 2000)]
    with Told(material) as told:

        def show() -> None:
            # One thread for both: of two, the second could be the first to show.
            for top in tops:
                threading.Event().wait(0.1)
                told.show(top)

        threading.Thread(target=show).start()
        assert told.wait_for(2000, 30) > 0


def test_too_few_are_a_wrong_count(material: Material) -> None:
    with Told(material) as told:
        told.show(material.counts(1000).most_common(10))
        with pytest.raises(WrongCountError, match=r"showed [\d,]+ of [\d,]+ hashtags after 0 s"):
            told.wait_for(2000, 0.1)


def test_one_that_ends_by_itself_is_not_waited_for(material: Material, tmp_path: Path) -> None:
    with Told(material) as told:
        told.end("OutOfMemoryError")
        with pytest.raises(WrongCountError, match="ended by itself: OutOfMemoryError"):
            told.wait_for(2000, 60)
