"""A reader that asks for the end of the log gets the posts that wait for their commit."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.ingest.conftest import ManualClock, OpenSpool
from tests.ingest.intake.conftest import MakeIntake, new_post
from tests.ingest.support.process import wait_until

from ingest.intake import commit_on_read
from ingest.intake.commit_on_read import PAUSE_SECONDS, CommitOnRead
from ingest.intake.intake import Intake


@contextmanager
def reading(intake: Intake, clock: ManualClock) -> Iterator[CommitOnRead]:
    commits = CommitOnRead(intake, clock.monotonic_seconds)
    try:
        yield commits
    finally:
        intake.stop()
        commits.close()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader waits for a commit however long it takes on a busy machine."""
    monkeypatch.setattr(commit_on_read, "WAIT_SECONDS", 60.0)


@pytest.mark.usefixtures("patient")
def test_a_reader_does_not_wait_for_the_end_of_a_run(
    open_spool: OpenSpool, make_intake: MakeIntake, manual_clock: ManualClock
) -> None:
    spool = open_spool()
    intake = make_intake(spool)
    with reading(intake, manual_clock) as commits:
        intake.accept("t", new_post(1))
        # The clock of the intake stands still, so the run does not end by itself.
        assert spool.end == 0
        commits.commit()
        assert spool.end == 1
        assert not intake.posts_wait


@pytest.mark.usefixtures("patient")
def test_many_readers_do_not_make_many_runs(
    open_spool: OpenSpool, make_intake: MakeIntake, manual_clock: ManualClock
) -> None:
    spool = open_spool()
    intake = make_intake(spool)
    with reading(intake, manual_clock) as commits:
        for number in range(1, 4):
            intake.accept("t", new_post(number))
            commits.commit()
        assert spool.end == 1
        manual_clock.pass_ms(round(PAUSE_SECONDS * 1000))
        commits.commit()
        assert spool.end == 3


def test_a_reader_of_a_log_without_new_posts_writes_nothing(
    open_spool: OpenSpool, make_intake: MakeIntake, manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = make_intake(open_spool())
    flushed: list[str] = []
    with reading(intake, manual_clock) as commits:
        monkeypatch.setattr(intake, "flush", lambda: flushed.append("flush"))
        commits.commit()
        assert flushed == []


def test_a_full_disk_does_not_stop_readers(
    open_spool: OpenSpool, make_intake: MakeIntake, manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = open_spool()
    intake = make_intake(spool)
    has_room = threading.Event()
    append = spool.append

    def append_when_there_is_room(*arguments: object) -> None:
        if not has_room.is_set():
            raise sqlite3.OperationalError("database or disk is full")
        append(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(spool, "append", append_when_there_is_room)
    monkeypatch.setattr("ingest.intake.intake.RETRY_SECONDS", 0.001)
    with reading(intake, manual_clock) as commits:
        intake.accept("t", new_post(1))
        began = time.monotonic()
        commits.commit()
        first_seconds = time.monotonic() - began
        # The thread that commits may begin later than the reader stops waiting.
        wait_until(lambda: intake.error is not None)
        manual_clock.pass_ms(round(PAUSE_SECONDS * 1000))
        began = time.monotonic()
        commits.commit()
        assert first_seconds + time.monotonic() - began < 1.0
        has_room.set()
    assert spool.end == 1
