"""The index of the newest posts: what it finds is the same as a search of all posts."""

import random

from spark_job.panel_schema import SampleTag
from spark_job.samples.log_post import LogPost
from spark_job.samples.tag_index import TagIndex


def posts(begin: int, end: int, seed: int = 1) -> list[LogPost]:
    rand = random.Random(seed * 1_000_003 + begin)
    return [
        LogPost(offset, offset, [SampleTag(key=f"t{int(60 ** rand.random())}", label="T") for _ in range(2)])
        for offset in range(begin, end)
    ]


def searched(held: list[LogPost], key: str, below: int, most: int) -> list[int]:
    found = [post.offset for post in held if post.offset < below and key in {tag.key for tag in post.tags}]
    return sorted(found, reverse=True)[:most]


def test_it_finds_the_newest_posts_of_each_tag_before_an_offset() -> None:
    index = TagIndex(100_000)
    index.restart(5_000)
    held: list[LogPost] = []
    for begin in range(5_000, 11_000, 50):
        piece = posts(begin, begin + 50)
        index.append(begin, begin + 50, piece)
        held += piece
    for begin in (4_000, 3_000):
        piece = posts(begin, begin + 1_000)
        index.prepend(begin, piece)
        held += piece
    assert (index.begin, index.end) == (3_000, 11_000)
    below = {"t1": 11_000, "t2": 9_000, "t59": 4_500, "no such tag": 11_000}
    found = index.newest(below, 7)
    assert {key: found.get(key, []) for key in below} == {key: searched(held, key, at, 7) for key, at in below.items()}
    assert len(found["t1"]) == 7


def test_posts_that_were_left_out_make_it_begin_again() -> None:
    index = TagIndex(100_000)
    index.append(0, 100, posts(0, 100))
    index.append(200, 300, posts(200, 300))
    assert (index.begin, index.end) == (200, 300)
    assert min(index.newest({"t1": 300}, 1_000)["t1"]) >= 200


def test_it_is_bounded() -> None:
    index = TagIndex(10_000)
    for begin in range(0, 40_000, 100):
        index.append(begin, begin + 100, posts(begin, begin + 100))
    assert index.end == 40_000
    assert 10_000 <= index.end - index.begin < 20_000
    assert index.newest({"t1": index.begin}, 1_000) == {}
