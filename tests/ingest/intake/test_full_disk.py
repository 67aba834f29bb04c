"""The intake while the disk is full."""

import sqlite3
from collections.abc import Callable

import pytest
from tests.ingest.conftest import ManualClock, OpenSpool
from tests.ingest.intake.conftest import MakeIntake, new_post, posts

from ingest.posts.post import Post


def test_acknowledged_posts_are_trimmed_while_the_disk_is_full(
    open_spool: OpenSpool, make_intake: MakeIntake, manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = open_spool(max_age_seconds=10)
    intake = make_intake(spool)
    intake.accept("t", new_post(1))
    intake.flush()
    spool.ack(spool.log, 1)
    manual_clock.pass_ms(10_000)
    append = spool.append

    def append_into_what_was_trimmed(
        run: list[Post], progress: dict[str, bytes], on_commit: Callable[[], None]
    ) -> None:
        if spool.marks().first == 0:
            raise sqlite3.OperationalError("database or disk is full")
        append(run, progress, on_commit)

    monkeypatch.setattr(spool, "append", append_into_what_was_trimmed)
    monkeypatch.setattr("ingest.intake.intake.RETRY_SECONDS", 0.001)
    intake.accept("t", new_post(2))
    intake.flush()
    assert [post.id for post in posts(spool)] == ["t:2"]
    intake.stop()


def test_a_full_disk_blocks_the_source_and_loses_nothing(
    open_spool: OpenSpool, make_intake: MakeIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = open_spool()
    intake = make_intake(spool)
    append = spool.append
    errors: list[str | None] = []

    def append_when_there_is_room(run: list[Post], progress: dict[str, bytes], on_commit: Callable[[], None]) -> None:
        if len(errors) < 2:
            errors.append(intake.error)
            raise sqlite3.OperationalError("database or disk is full")
        append(run, progress, on_commit)

    monkeypatch.setattr(spool, "append", append_when_there_is_room)
    monkeypatch.setattr("ingest.intake.intake.RETRY_SECONDS", 0.001)
    intake.accept("t", new_post(1))
    intake.flush()
    assert errors == [None, "the spool can't be written, so the sources wait: database or disk is full"]
    assert intake.error is None
    assert spool.end == 1
    intake.stop()
