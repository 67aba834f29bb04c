"""The index of the newest posts: what it finds is the same as a search of all posts."""

import random

from spark_job.panel_schema import SampleTag
from spark_job.samples.log_post import LogPost
from spark_job.samples.tag_index import FoundPost, TagIndex


def posts(begin: int, end: int, seed: int = 1) -> list[LogPost]:
    rand = random.Random(seed * 1_000_003 + begin)
    return [
        LogPost(
            offset=offset,
            at_ms=offset,
            tags=[SampleTag(key=f"t{int(60 ** rand.random())}", label="T") for _ in range(2)],
        )
        for offset in range(begin, end)
    ]


def numbers(found: dict[str, list[FoundPost]], key: str) -> list[int]:
    return [post.number for post in found.get(key, [])]


def searched(held: list[LogPost], key: str, below: int, most: int) -> list[int]:
    found = [post.offset for post in held if post.offset < below and key in {tag.key for tag in post.tags}]
    return sorted(found, reverse=True)[:most]


def test_it_finds_the_newest_posts_of_each_tag_before_an_offset() -> None:
    index = TagIndex(100_000)
    held: list[LogPost] = []
    for begin in range(5_000, 11_000, 50):
        piece = posts(begin, begin + 50)
        index.append(50, piece)
        held += piece
    for begin in (4_000, 3_000):
        piece = posts(begin, begin + 1_000)
        index.prepend(1_000, piece)
        held += piece
    # The first post that was added has the place 0, and the offset 5,000.
    assert (index.begin, index.end) == (-2_000, 6_000)
    below = {"t1": 6_000, "t2": 4_000, "t59": -500, "no such tag": 6_000}
    found = index.newest(below, 7)
    assert {key: numbers(found, key) for key in below} == {
        key: searched(held, key, at + 5_000, 7) for key, at in below.items()
    }
    assert len(found["t1"]) == 7
    assert all(post.number == post.place + 5_000 for post in found["t1"])


def test_behind_a_gap_it_begins_again_and_no_place_means_another_post() -> None:
    index = TagIndex(100_000)
    index.append(100, posts(0, 100))
    index.restart()
    index.append(100, posts(200, 300))
    assert (index.begin, index.end, index.room) == (100, 200, 99_900)
    assert min(numbers(index.newest({"t1": 200}, 1_000), "t1")) >= 200


def test_it_is_bounded() -> None:
    index = TagIndex(10_000)
    for begin in range(0, 40_000, 100):
        index.append(100, posts(begin, begin + 100))
    assert index.end == 40_000
    assert 10_000 <= index.end - index.begin < 20_000
    assert index.room == 0
    assert index.newest({"t1": index.begin}, 1_000) == {}
