"""How long the log of changes has its entries: until whoever counts posts needs them no more, and within bounds."""

from __future__ import annotations

import pytest
from tests.ingest.conftest import MakePost, ManualClock, OpenSpool

from ingest.posts.change import WantedChange
from ingest.spool.spool import Spool


def delete(spool: Spool, offset: int) -> None:
    with spool.reader() as reader:
        post_id = next(iter(reader.lines(reader.range(offset, offset + 1)))).split(b'"id":"')[1].split(b'"')[0]
    spool.append([], {}, changes=[WantedChange("deleted", "demo", offset, post_id.decode())])


def stored(spool: Spool) -> tuple[int, int]:
    """The number of the oldest change, and of the next one."""
    spool.trim()
    marks = spool.marks()
    with spool.reader() as reader:
        found = reader.changes(0, marks.end_change)
    assert found.first == marks.first_change
    assert found.first + len(found.lines) == marks.end_change
    return marks.first_change, marks.end_change


@pytest.mark.parametrize("max_age_seconds", [0, 1, 60])
def test_a_change_stays_for_a_minute_however_short_posts_are_stored(
    open_spool: OpenSpool, manual_clock: ManualClock, make_post: MakePost, max_age_seconds: int
) -> None:
    spool = open_spool(max_age_seconds=max_age_seconds)
    spool.append([make_post("a"), make_post("b")], {})
    spool.ack(spool.log, 2)
    delete(spool, 0)
    manual_clock.pass_ms(59_999)
    assert stored(spool) == (0, 1)
    manual_clock.pass_ms(1)
    assert stored(spool) == (1, 1)


def test_changes_of_posts_that_are_not_counted_stay_with_them(
    open_spool: OpenSpool, manual_clock: ManualClock, make_post: MakePost
) -> None:
    spool = open_spool(max_age_seconds=100)
    spool.append([make_post("counted")], {})
    spool.ack(spool.log, 1)
    delete(spool, 0)
    manual_clock.pass_ms(1_000)
    # The job is down for ten hours.
    spool.append([make_post("half"), make_post("uncounted")], {})
    spool.append([make_post("uncounted")], {})
    for offset in (1, 3):
        delete(spool, offset)
        manual_clock.pass_ms(10**7)
    assert stored(spool) == (1, 3)
    spool.ack(spool.log, 2)
    assert stored(spool) == (1, 3)
    spool.ack(spool.log, 4)
    assert stored(spool) == (3, 3)


def test_even_then_there_are_not_too_many(open_spool: OpenSpool, make_post: MakePost) -> None:
    # One for each 4 KiB.
    spool = open_spool(max_bytes=2**20)
    spool.append([make_post(f"{number}") for number in range(300)], {})
    for offset in range(300):
        delete(spool, offset)
    assert stored(spool) == (300 - 256, 300)


def test_when_a_recording_ends_no_change_stays(open_spool: OpenSpool, make_post: MakePost) -> None:
    spool = open_spool()
    spool.append([make_post("counted"), make_post("uncounted")], {})
    delete(spool, 0)
    spool.ack(spool.log, 1)
    spool.clear()
    assert stored(spool) == (1, 1)
