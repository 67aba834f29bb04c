"""The ids of stored posts that are loaded at start."""

from collections.abc import Iterator

import pytest
from tests.ingest.conftest import IdleSource, ManualClock, OpenSpool
from tests.ingest.intake.conftest import MakeIntake, new_post, posts

from ingest.intake.progress import Progress
from ingest.posts.post import SourcePost
from ingest.sources.base import ChangedPost, NewPost
from ingest.spool.reader import Range, SpoolReader


def test_each_source_recognises_only_the_posts_of_its_own_session(
    open_spool: OpenSpool, make_intake: MakeIntake
) -> None:
    def from_file(number: int) -> NewPost:
        return NewPost(SourcePost(id=f"f:{number}", text="", source="elsewhere"), str(number))

    spool = open_spool()
    intake = make_intake(spool, sources=[IdleSource("t"), IdleSource("file", "file 1")])
    for number in (1, 2):
        intake.accept("t", new_post(number))
        intake.accept("file", from_file(number))
    intake.stop()
    intake = make_intake(spool, sources=[IdleSource("t"), IdleSource("file", "file 2")])
    for number in (1, 2, 3):
        intake.accept("t", new_post(number))
        intake.accept("file", from_file(number))
    intake.stop()
    assert (intake.progress("t").accepted, intake.progress("t").duplicate) == (3, 2)
    assert (intake.progress("file").accepted, intake.progress("file").duplicate) == (3, 0)


def test_a_damaged_run_does_not_prevent_a_start(
    open_spool: OpenSpool, make_intake: MakeIntake, caplog: pytest.LogCaptureFixture
) -> None:
    spool = open_spool()
    intake = make_intake(spool)
    for number in range(3):
        intake.accept("t", new_post(number))
        intake.flush()
    intake.stop()
    spool._db.execute("UPDATE runs SET checksum = checksum + 1 WHERE first = 1")
    intake = make_intake(spool)
    for number in range(3):
        intake.accept("t", new_post(number))
    intake.stop()
    assert intake.progress("t") == Progress(identity="t", cursor="2", accepted=4, duplicate=2)
    assert "the posts from 1 to 1 are damaged on disk: their ids are unknown, so a repeated post would be accepted" in (
        caplog.messages
    )


def test_posts_that_are_trimmed_while_their_ids_are_loaded_do_not_prevent_a_start(
    open_spool: OpenSpool, make_intake: MakeIntake, manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = open_spool(max_age_seconds=10)
    intake = make_intake(spool)
    for number in range(3):
        intake.accept("t", new_post(number))
        intake.flush()
    intake.stop()
    spool.ack(spool.log, 2)
    manual_clock.pass_ms(10_000)
    lines = SpoolReader.lines

    def lines_behind_a_trim(reader: SpoolReader, held: Range) -> Iterator[bytes]:
        spool.trim()
        return lines(reader, held)

    monkeypatch.setattr(SpoolReader, "lines", lines_behind_a_trim)
    intake = make_intake(spool)
    monkeypatch.undo()
    for number in range(3):
        intake.accept("t", new_post(number))
    intake.stop()
    assert [post.id for post in posts(spool)] == ["t:2", "t:0", "t:1"]


def test_a_post_of_an_earlier_session_is_found_by_its_id_or_its_alias_and_is_no_duplicate(
    open_spool: OpenSpool, make_intake: MakeIntake
) -> None:
    spool = open_spool()
    intake = make_intake(spool, sources=[IdleSource("t", "first", has_aliases=True)])
    for number in range(3):
        post = SourcePost(id=f"t:{number}", text=f"text {number}", source="t", alias=f"alias {number}")
        intake.accept("t", NewPost(post, str(number)))
    intake.stop()
    intake = make_intake(spool, sources=[IdleSource("t", "second", has_aliases=True)])
    intake.accept("t", new_post(0, "again"))
    for post_id in ("t:0", "alias 1", "alias 7"):
        intake.accept("t", ChangedPost("deleted", post_id))
    intake.stop()
    assert [post.text for post in posts(spool)] == ["", "", "text 2", ""]
    progress = intake.progress("t")
    assert (progress.accepted, progress.duplicate, progress.deleted, progress.not_stored) == (1, 0, 3, 1)
