"""Dropped posts are held in memory while somebody asks for them, and not otherwise."""

from collections.abc import Iterator

import msgspec
import pytest
from tests.ingest.conftest import ManualClock, OpenSpool
from tests.ingest.intake.conftest import MakeIntake, new_post

from ingest.intake.dropped import MOST_TEXT_CHARACTERS, Counts, DroppedPost
from ingest.intake.intake import Intake
from ingest.posts.entry import MAX_POST_CHARACTERS
from ingest.posts.post import Tag
from ingest.sources.base import ChangedPost, Malformed, Repeated


@pytest.fixture
def intake(open_spool: OpenSpool, make_intake: MakeIntake) -> Iterator[Intake]:
    intake = make_intake(open_spool(), "cup")
    yield intake
    intake.stop()


def whys(intake: Intake, start: int = 0, end: int = 100) -> list[tuple[int, str, str | None]]:
    return [(post.offset, post.why, post.text) for post in intake.dropped.ask(start, end).posts]


def test_nothing_is_held_before_somebody_asks(intake: Intake) -> None:
    intake.accept("t", new_post(1, "bowl"))
    assert intake.dropped.ask(0, 100) == ([], Counts())
    assert len(intake.dropped._held) == 0


def test_each_post_is_held_with_the_reason_and_the_offset_of_the_next_one(
    intake: Intake, manual_clock: ManualClock
) -> None:
    intake.dropped.ask(0, 0)
    manual_clock.pass_ms(20)
    for item in (
        new_post(1, "cup one"),
        new_post(2, "a #Bowl"),
        new_post(1, "cup one"),
        new_post(3, "cup two"),
        Malformed("not JSON", "5"),
        Repeated("6"),
    ):
        intake.accept("t", item)
    at_ms = manual_clock.wall_ms()
    assert intake.dropped.ask(0, 100) == (
        [
            DroppedPost(1, at_ms, "t", "a #Bowl", "und", [Tag("bowl", "Bowl")], "filtered", None),
            DroppedPost(1, at_ms, "t", "cup one", "und", [], "duplicate", None),
            DroppedPost(2, at_ms, "t", None, None, [], "malformed", "not JSON"),
            DroppedPost(2, at_ms, "t", None, None, [], "duplicate", None),
        ],
        Counts(filtered=1, duplicate=2, malformed=1),
    )


def test_a_range_has_what_was_dropped_between_its_posts(intake: Intake) -> None:
    intake.dropped.ask(0, 0)
    block = [new_post(n, "cup" if n % 3 else "bowl") for n in (0, 1, 2, 2, 3, 4, 1, 5, 6)]
    intake.accept_block("t", block)
    assert whys(intake) == [
        (0, "filtered", "bowl"),
        (2, "duplicate", "cup"),
        (2, "filtered", "bowl"),
        (3, "duplicate", "cup"),
        (4, "filtered", "bowl"),
    ]
    assert whys(intake, 2, 4) == [(2, "duplicate", "cup"), (2, "filtered", "bowl"), (3, "duplicate", "cup")]
    assert intake.dropped.ask(2, 4).counts == Counts(filtered=1, duplicate=2)
    assert intake.progress("t").duplicate == 0
    intake.flush()
    assert (intake.progress("t").filtered, intake.progress("t").duplicate, intake.progress("t").accepted) == (3, 2, 4)


def test_the_newest_forty_are_answered_and_all_are_counted(intake: Intake) -> None:
    intake.dropped.ask(0, 0)
    intake.accept_block("t", [new_post(n, f"bowl {n}") for n in range(500)])
    posts, counts = intake.dropped.ask(0, 1)
    assert [post.text for post in posts] == [f"bowl {n}" for n in range(460, 500)]
    assert counts == Counts(filtered=500)
    assert len(intake.dropped._held) == 200


def test_they_are_forgotten_ten_seconds_after_the_last_request(intake: Intake, manual_clock: ManualClock) -> None:
    intake.dropped.ask(0, 0)
    intake.accept("t", new_post(1, "bowl"))
    manual_clock.pass_ms(9_999)
    intake.dropped.forget_old()
    assert len(intake.dropped._held) == 1
    manual_clock.pass_ms(1)
    intake.dropped.forget_old()
    assert (len(intake.dropped._held), len(intake.dropped._tallies), intake.dropped.is_wanted) == (0, 0, False)
    intake.accept("t", new_post(2, "bowl"))
    assert len(intake.dropped._held) == 0


def test_each_is_held_for_half_a_minute_while_somebody_keeps_asking(intake: Intake, manual_clock: ManualClock) -> None:
    intake.dropped.ask(0, 0)
    intake.accept("t", new_post(1, "bowl"))
    for _ in range(6):
        manual_clock.pass_ms(5_000)
        assert whys(intake) == [(0, "filtered", "bowl")]
    manual_clock.pass_ms(1)
    assert intake.dropped.ask(0, 100) == ([], Counts())


def test_a_post_that_its_author_deletes_is_forgotten_at_once(intake: Intake) -> None:
    intake.dropped.ask(0, 0)
    for item in (new_post(1, "bowl"), new_post(2, "bowl too"), ChangedPost("deleted", "t:1")):
        intake.accept("t", item)
    assert whys(intake) == [(0, "filtered", "bowl too")]


@pytest.mark.parametrize("characters", [MOST_TEXT_CHARACTERS + 1, MAX_POST_CHARACTERS + 1])
def test_a_very_long_text_is_not_held(intake: Intake, characters: int) -> None:
    intake.dropped.ask(0, 0)
    intake.accept("t", new_post(1, "b" * characters))
    (post,) = intake.dropped.ask(0, 1).posts
    assert (post.source, post.text, post.tags) == ("t", None, [])


def test_a_text_is_cut_and_can_be_sent(intake: Intake) -> None:
    intake.dropped.ask(0, 0)
    intake.accept("t", new_post(1, "bowl \ud800" + "é" * 300))
    (post,) = intake.dropped.ask(0, 1).posts
    assert post.text == "bowl \ufffd" + "é" * 274
    assert msgspec.json.encode(post)
