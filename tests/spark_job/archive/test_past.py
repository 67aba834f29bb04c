"""The query port answers from the archive: its hours, the leading tags of an hour or a day, and one tag over time."""

import time
from collections import Counter
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from spark_job.archive.day_sums import DaySums
from spark_job.archive.hour_file import About, days_in, write_hour
from spark_job.archive.hour_rows import ROWS_ARROW
from spark_job.archive.past import DAY_MS, Past, Step
from spark_job.mute.mute_list import NOTHING, MuteList
from spark_job.query_server.archive_handlers import archive_handlers
from spark_job.query_server.server import RefusedError
from spark_job.state.open_hours import HOUR_MS

#: 2026-11-20T00:00:00Z.
BEGIN = 1_795_132_800_000
DAYS, TAGS, MINUTES = 30, 300, 40


def write(folder: Path, hour_ms: int, rows: Sequence[tuple[object, ...]]) -> None:
    columns = [pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), ROWS_ARROW, strict=True)]
    write_batch(folder, hour_ms, pa.RecordBatch.from_arrays(columns, schema=ROWS_ARROW))


def write_batch(folder: Path, hour_ms: int, batch: pa.RecordBatch) -> None:
    about = About(id="1-1", hour_ms=hour_ms, counted_from_ms=hour_ms, missing_ms=0, dropped_posts=0, min_posts=5)
    write_hour(folder, about, pa.RecordBatchReader.from_batches(ROWS_ARROW, [batch]))


@pytest.fixture
def month(tmp_path: Path) -> Path:
    """A month whose hours have as many rows as those of the demo at 50 posts/s: 300 tags in 40 minutes each."""
    number = np.repeat(np.arange(TAGS), MINUTES)
    minute = np.tile(np.arange(MINUTES) * 60_000, TAGS)
    tags, labels = (pa.array([f"{text}{n:03}" for n in number]) for text in ("tag", "Tag"))
    texts = [pa.repeat("demo", len(number)), pa.repeat("en", len(number)), tags, labels]
    for hour in range(DAYS * 24):
        at_ms = BEGIN + hour * HOUR_MS
        times = pa.array(at_ms + minute).cast(pa.timestamp("ms")).cast(ROWS_ARROW.field("minute").type)
        ones = np.ones(len(number), int)
        numbers = (1 + (number + hour) % 7, ones, number % 2, number, ones)
        columns = [times, *texts, *(pa.array(values).cast(pa.int32()) for values in numbers)]
        write_batch(tmp_path / "archive", at_ms, pa.RecordBatch.from_arrays(columns, schema=ROWS_ARROW))
    return tmp_path / "archive"


def posts_of(n: int, hour: int) -> int:
    return MINUTES * (1 + (n + hour) % 7)


@pytest.mark.slow
def test_a_month_answers_each_question_at_once_and_right(month: Path, tmp_path: Path) -> None:
    sums = DaySums(tmp_path / "days")
    sums.make(days_in(month)[:-1])
    past, end_ms = Past(month, sums), BEGIN + DAYS * DAY_MS
    seconds: dict[str, float] = {}

    def timed(name: str, ask: str, **given: object) -> object:
        began = time.process_time()
        answer = getattr(past, ask)(**given)
        seconds[name] = min(seconds.get(name, 9.0), time.process_time() - began)
        return answer

    for _ in range(2):
        of_tag = timed("a tag by hour", "tag", key="tag007", from_ms=BEGIN, to_ms=end_ms, step_ms=HOUR_MS)
        by_day = timed("a tag by day", "tag", key="tag007", from_ms=BEGIN, to_ms=end_ms, step_ms=DAY_MS)
        hours = timed("hours", "hours", from_ms=BEGIN, to_ms=end_ms)
        hour = timed("an hour", "leaders", at_ms=BEGIN + 5 * HOUR_MS + 1, step_ms=HOUR_MS, muted=NOTHING)
        day = timed("a day", "leaders", at_ms=BEGIN + DAY_MS, step_ms=DAY_MS, muted=MuteList(patterns=("tag2*",)))
        today = timed("today", "leaders", at_ms=end_ms - 1, step_ms=DAY_MS, muted=NOTHING)
    assert seconds == {name: pytest.approx(0, abs=0.3) for name in seconds}
    expected = [Step(BEGIN + n * HOUR_MS, posts_of(7, n), 7, MINUTES) for n in range(DAYS * 24)]
    assert of_tag.steps == expected  # type: ignore[attr-defined]
    assert of_tag.label == "Tag007"  # type: ignore[attr-defined]
    days = [sum(posts_of(7, n) for n in range(day * 24, day * 24 + 24)) for day in range(DAYS)]
    assert [step.posts for step in by_day.steps] == days  # type: ignore[attr-defined]
    assert {step.authors for step in by_day.steps} == {None}  # type: ignore[attr-defined]
    assert hours.hours[3] == (BEGIN + 3 * HOUR_MS, sum(posts_of(n, 3) for n in range(TAGS)))  # type: ignore[attr-defined]
    assert len(hours.hours) == DAYS * 24  # type: ignore[attr-defined]
    best = sorted(range(TAGS), key=lambda n: (-posts_of(n, 5), n))[:40]
    found = [(tag.key, tag.posts, tag.authors) for tag in hour.top]  # type: ignore[attr-defined]
    assert found == [(f"tag{n:03}", posts_of(n, 5), n) for n in best]
    of_day = Counter({n: sum(posts_of(n, 24 + m) for m in range(24)) for n in range(200)})
    best = sorted(of_day, key=lambda n: (-of_day[n], n))[:40]
    assert [(tag.key, tag.posts) for tag in day.top] == [(f"tag{n:03}", of_day[n]) for n in best]  # type: ignore[attr-defined]
    assert (today.hours, today.top[0].authors) == (24, None)  # type: ignore[attr-defined]


def test_a_day_that_gets_another_hour_is_added_up_again(tmp_path: Path) -> None:
    folder, sums = tmp_path / "archive", DaySums(tmp_path / "days")
    past = Past(folder, sums)
    for hour in (0, 1):
        write(folder, BEGIN + hour * HOUR_MS, [(BEGIN + hour * HOUR_MS, "x", "en", "a", "A", 5, 2, 1, 2, 1)])
        # Before and after the sums are made, and while they are those of another day.
        for _ in range(2):
            assert [tag.posts for tag in past.leaders(BEGIN, DAY_MS, NOTHING).top] == [5 * (hour + 1)]
            sums.make(days_in(folder))
    assert len([*(tmp_path / "days").iterdir()]) == 1


def test_an_hour_that_is_not_archived_has_no_step_and_one_without_the_tag_has_no_posts(tmp_path: Path) -> None:
    for hour, tag in ((0, "a"), (2, "b")):
        write(tmp_path, BEGIN + hour * HOUR_MS, [(BEGIN + hour * HOUR_MS, "x", "en", tag, tag, 5, 2, 0, 2, 1)])
    past = Past(tmp_path, DaySums(tmp_path / "days"))
    found = past.tag("a", BEGIN, BEGIN + DAY_MS, HOUR_MS)
    assert found.steps == [Step(BEGIN, 5, 2, 0), Step(BEGIN + 2 * HOUR_MS, 0, 0, 0)]
    assert past.tag("never", BEGIN, BEGIN + DAY_MS, HOUR_MS).label is None
    assert past.tag("a", BEGIN - DAY_MS, BEGIN, HOUR_MS).steps == []


def test_requests_that_can_not_be_answered_say_why(tmp_path: Path) -> None:
    handlers = archive_handlers(Past(tmp_path, DaySums(tmp_path / "days")), lambda: MuteList(keys=("spam",)))
    ask = {"from_ms": "0", "to_ms": str(DAY_MS), "step": "hour", "key": "a"}
    for path, changes, status, sentence in (
        ("/archive/tag", {"key": "spam"}, HTTPStatus.NOT_FOUND, "the tag is muted"),
        ("/archive/tag", {"key": ""}, HTTPStatus.BAD_REQUEST, "key must be a key of a tag"),
        ("/archive/tag", {"step": "year"}, HTTPStatus.BAD_REQUEST, "step must be one of hour, day"),
        ("/archive/hours", {"to_ms": "0"}, HTTPStatus.BAD_REQUEST, "to_ms must be at most 400 days after from_ms"),
    ):
        with pytest.raises(RefusedError, match=sentence) as refused:
            handlers[path]({**ask, **changes})
        assert refused.value.status == status
    (tmp_path / "date=1970-01-01").mkdir()
    (tmp_path / "date=1970-01-01" / "hour-00.parquet").write_bytes(b"damaged")
    with pytest.raises(RefusedError, match="the archive can't be read now"):
        handlers["/archive/tag"](ask)
    with pytest.raises(RefusedError, match="ARCHIVE_DIR is empty"):
        archive_handlers(None, lambda: NOTHING)["/archive/tag"](ask)
