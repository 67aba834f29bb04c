"""The path of a post into the spool, and its counts."""

import logging

import pytest
from tests.ingest.conftest import IdleSource, ManualClock, OpenSpool
from tests.ingest.intake.conftest import MakeIntake, new_post, posts

from ingest.intake.progress import Progress
from ingest.intake.run import RUN_POSTS
from ingest.posts import filter as post_filter
from ingest.posts.entry import MAX_POST_CHARACTERS
from ingest.posts.filter import Filter
from ingest.posts.post import SourcePost, Tag
from ingest.sources.base import Malformed, NewPost


def test_a_post_is_in_the_spool_with_its_tags(open_spool: OpenSpool, make_intake: MakeIntake) -> None:
    spool = open_spool()
    intake = make_intake(spool)
    assert intake.accept("t", new_post(1, "#One and #ONE and #two"))
    intake.stop()
    (post,) = posts(spool)
    assert post.tags == [Tag("one", "One"), Tag("two", "two")]


def test_the_tags_of_the_platform_replace_those_of_the_text(open_spool: OpenSpool, make_intake: MakeIntake) -> None:
    spool = open_spool()
    intake = make_intake(spool)
    intake.accept("t", new_post(1, "#text", ["Own"]))
    intake.accept("t", new_post(2, "#text", []))
    intake.stop()
    assert [post.tags for post in posts(spool)] == [[Tag("own", "Own")], []]


def test_every_item_is_counted_and_filtered_before_it_is_deduplicated(
    open_spool: OpenSpool, make_intake: MakeIntake
) -> None:
    spool = open_spool()
    intake = make_intake(spool, "cup")
    for item in (
        new_post(1, "cup"),
        new_post(2, "bowl"),
        new_post(2, "a cup"),
        new_post(1, "cup"),
        Malformed("not JSON", "5"),
        Malformed("not JSON", "6"),
        Malformed("no text", "7"),
    ):
        assert intake.accept("t", item)
    intake.stop()
    counts = Progress(
        identity="t", cursor="7", accepted=2, duplicate=1, filtered=1, malformed={"not JSON": 2, "no text": 1}
    )
    assert intake.progress("t") == counts
    assert [post.text for post in posts(spool)] == ["cup", "a cup"]


def test_counts_and_cursor_continue_after_a_crash(open_spool: OpenSpool, make_intake: MakeIntake) -> None:
    spool = open_spool()
    intake = make_intake(spool)
    intake.accept("t", new_post(1))
    intake.flush()
    intake.accept("t", new_post(2))
    spool.close()
    spool = open_spool()
    intake = make_intake(spool)
    assert intake.cursor("t") == "1"
    assert intake.accept("t", new_post(1))
    assert intake.accept("t", new_post(2))
    intake.stop()
    assert intake.progress("t") == Progress(identity="t", cursor="2", accepted=2, duplicate=1)
    assert [post.id for post in posts(spool)] == ["t:1", "t:2"]


def test_a_new_session_accepts_the_posts_of_a_finished_session_again(
    open_spool: OpenSpool, make_intake: MakeIntake
) -> None:
    spool = open_spool()
    intake = make_intake(spool)
    intake.accept("t", new_post(1))
    intake.finish("t")
    intake.stop()
    intake = make_intake(spool)
    assert intake.cursor("t") is None
    intake.accept("t", new_post(1))
    intake.accept("t", new_post(1))
    intake.stop()
    assert intake.progress("t") == Progress(identity="t", first=1, cursor="1", accepted=1, duplicate=1)


def test_the_limit_is_never_exceeded_even_after_a_restart(open_spool: OpenSpool, make_intake: MakeIntake) -> None:
    spool = open_spool()
    intake = make_intake(spool, limit=3)
    assert intake.accept("t", new_post(1))
    assert intake.accept("t", new_post(2))
    intake.stop()
    intake = make_intake(spool, limit=3)
    assert not intake.accept("t", new_post(3))
    assert not intake.accept("t", new_post(4))
    intake.stop()
    assert [post.id for post in posts(spool)] == ["t:1", "t:2", "t:3"]
    assert intake.progress("t").cursor == "3"


def test_a_source_resumes_when_other_sources_are_added_or_removed(
    open_spool: OpenSpool, make_intake: MakeIntake
) -> None:
    spool = open_spool()
    both = [IdleSource("t"), IdleSource("u", "file 1")]
    intake = make_intake(spool, sources=both)
    intake.accept("t", new_post(1))
    intake.accept("u", new_post(2))
    intake.stop()
    make_intake(spool, sources=[IdleSource("u", "file 1")]).stop()
    intake = make_intake(spool, sources=[IdleSource("t"), IdleSource("u", "file 2")])
    assert (intake.cursor("t"), intake.cursor("u")) == ("1", None)
    assert intake.progress("t") == Progress(identity="t", cursor="1", accepted=1)
    assert intake.progress("u") == Progress(identity="file 2", first=2)
    intake.stop()


def test_a_source_without_identity_starts_again(open_spool: OpenSpool, make_intake: MakeIntake) -> None:
    spool = open_spool()
    for first in (0, 1):
        intake = make_intake(spool, sources=[IdleSource(identity=None)])
        assert intake.progress("t") == Progress(identity=None, first=first)
        intake.accept("t", new_post(1))
        intake.stop()


def test_at_the_limit_all_sources_are_finished_and_the_bill_stays(
    open_spool: OpenSpool, make_intake: MakeIntake
) -> None:
    spool = open_spool()
    sources = [IdleSource("t"), IdleSource("paid", "paid", cursor_outlives_session=True)]
    intake = make_intake(spool, limit=2, sources=sources)
    intake.accept("t", new_post(1))
    assert not intake.accept("paid", new_post(2))
    intake.finish("paid")
    intake.stop()
    intake = make_intake(spool, limit=2, sources=sources)
    assert intake.progress("t") == Progress(identity="t", first=2)
    assert intake.progress("paid") == Progress(identity="paid", first=2, cursor="2")
    assert intake.accept("t", new_post(3))
    intake.stop()


def test_a_source_that_filters_itself_is_not_filtered_again(open_spool: OpenSpool, make_intake: MakeIntake) -> None:
    spool = open_spool()
    intake = make_intake(spool, "cup", sources=[IdleSource("t"), IdleSource("paid", filters_itself=True)])
    for name in ("t", "paid"):
        intake.accept(name, NewPost(SourcePost(id=f"{name}:1", text="bowl", source=name), "1"))
    intake.stop()
    assert [post.id for post in posts(spool)] == ["paid:1"]
    assert intake.progress("t").filtered == 1


def test_new_terms_are_used_for_the_next_post(open_spool: OpenSpool, make_intake: MakeIntake) -> None:
    spool = open_spool()
    intake = make_intake(spool, "cup")
    intake.accept("t", new_post(1, "bowl"))
    intake.post_filter = Filter(post_filter.parse("bowl"))
    intake.accept("t", new_post(2, "bowl"))
    intake.stop()
    assert [post.id for post in posts(spool)] == ["t:2"]


def test_a_full_run_is_committed_at_once(open_spool: OpenSpool, make_intake: MakeIntake) -> None:
    spool = open_spool()
    intake = make_intake(spool)
    for number in range(RUN_POSTS):
        intake.accept("t", new_post(number))
    assert spool.end == RUN_POSTS
    intake.stop()


def test_a_single_post_is_committed_after_a_short_time(open_spool: OpenSpool, make_intake: MakeIntake) -> None:
    spool = open_spool()
    intake = make_intake(spool)
    intake._monotonic_seconds = iter(range(10**9)).__next__  # each look at the clock is a second later
    intake.accept("t", new_post(1))
    assert spool.wait_beyond(0, 30) == 1
    intake.stop()


def test_malformed_input_is_logged_once_a_minute_for_each_reason(
    open_spool: OpenSpool, make_intake: MakeIntake, manual_clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    intake = make_intake(open_spool())
    with caplog.at_level(logging.WARNING):
        for reason in ("no text", "no text", "not JSON"):
            intake.accept("t", Malformed(reason, "9"))
        manual_clock.pass_ms(60_000)
        intake.accept("t", Malformed("no text", "10"))
    intake.stop()
    assert caplog.messages == [
        "t: dropped an input: no text (1 so far, at cursor 9)",
        "t: dropped an input: not JSON (1 so far, at cursor 9)",
        "t: dropped an input: no text (3 so far, at cursor 10)",
    ]


@pytest.mark.parametrize("field", ["text", "labels", "author"])
def test_a_post_larger_than_any_bound_is_dropped_and_counted(
    open_spool: OpenSpool, make_intake: MakeIntake, field: str
) -> None:
    spool = open_spool()
    intake = make_intake(spool)
    fields = {"text": "x" * (MAX_POST_CHARACTERS - 8), "labels": ["y"], "author": "z"}
    post = SourcePost(id="t:1", source="t", **fields)  # type: ignore[arg-type]
    assert intake.accept("t", NewPost(post, "1"))
    fields[field] = ["y", "y"] if field == "labels" else f"{fields[field]}x"
    assert intake.accept("t", NewPost(SourcePost(id="t:2", source="t", **fields), "2"))  # type: ignore[arg-type]
    assert intake.accept("t", new_post(3))
    intake.stop()
    assert intake.progress("t") == Progress(identity="t", cursor="3", accepted=2, malformed={"longer than 1 MiB": 1})
    assert [post.id for post in posts(spool)] == ["t:1", "t:3"]
