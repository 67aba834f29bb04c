"""A lesson lets the demo send a post again, and posts with a wrong clock."""

import threading
from collections.abc import Iterator

import pytest
from tests.ingest.conftest import ManualClock, SimulatedStop

from ingest.posts.post import SourcePost
from ingest.sources.base import ChangedPost, NewPost
from ingest.sources.demo import lesson
from ingest.sources.demo.lesson import LessonPosts, NoPostError, Wish
from ingest.sources.demo.source import Demo


def blocks(posts: LessonPosts | None, manual_clock: ManualClock) -> Iterator[list[SourcePost]]:
    """The posts of each tick of a demo."""
    demo = Demo(
        100,
        7,
        lesson=posts,
        wall_ms=manual_clock.wall_ms,
        monotonic_seconds=manual_clock.monotonic_seconds,
        stop=SimulatedStop(manual_clock),
    )
    block: list[NewPost | ChangedPost]
    for block in demo.blocks(None):
        yield [item.post for item in block if isinstance(item, NewPost)]


def wants(post: SourcePost) -> bool:
    return post.lang == "en"


def requested(posts: LessonPosts, wish: Wish, number: int = 1) -> tuple[threading.Thread, list[SourcePost | str]]:
    """A thread that requests posts, and what it got."""
    got: list[SourcePost | str] = []

    def request() -> None:
        try:
            got.extend(posts.request(wish, number, wants))
        except NoPostError as error:
            got.append(str(error))

    thread = threading.Thread(target=request)
    thread.start()
    return thread, got


def until_requested(posts: LessonPosts) -> None:
    while posts._requests.empty():
        pass


def test_the_last_post_that_ingest_wants_comes_again_between_the_others(manual_clock: ManualClock) -> None:
    posts = LessonPosts()
    with_lesson, without = blocks(posts, manual_clock), blocks(None, ManualClock())
    earlier = [post for _ in range(20) for post in next(with_lesson)]
    assert earlier == [post for _ in range(20) for post in next(without)]
    thread, got = requested(posts, "same-post")
    until_requested(posts)
    block = next(with_lesson)
    thread.join(30)
    last = [post for post in earlier if wants(post)][-1]
    assert got == [last]
    assert block == [last, *next(without)]
    assert next(with_lesson) == next(without)


def test_posts_with_a_wrong_clock_are_new_ones(manual_clock: ManualClock) -> None:
    posts = LessonPosts()
    stream = blocks(posts, manual_clock)
    earlier = [post for _ in range(20) for post in next(stream)]
    thread, got = requested(posts, "wrong-clock", 42)
    until_requested(posts)
    first, second, *_ = next(stream)
    thread.join(30)
    last = [post for post in earlier if wants(post)][-1]
    assert got == [first, second]
    assert [post.created_at for post in (first, second)] == ["1970-01-01T00:00:00Z", "2038-01-19T03:14:08Z"]
    assert [post.id for post in (first, second)] == [f"{last.id}:clock-42-0", f"{last.id}:clock-42-1"]
    assert {post.text for post in (first, second)} == {last.text}


def test_a_demo_that_has_sent_no_wanted_post_says_so(manual_clock: ManualClock) -> None:
    posts = LessonPosts()
    thread, got = requested(posts, "same-post")
    until_requested(posts)
    next(blocks(posts, manual_clock))
    thread.join(30)
    assert got == ["the demo has sent no post yet that ingest wants"]


def test_a_demo_that_sends_nothing_any_more_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lesson, "PATIENCE_SECONDS", 0.01)
    posts = LessonPosts()
    with pytest.raises(NoPostError, match="the demo sends no posts now"):
        posts.request("same-post", 1, wants)
    # It came too late, and is not made up for.
    assert posts.due() == []
