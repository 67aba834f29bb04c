"""The answer of /trace has posts of the log and of what ingest dropped, as far as they may be shown."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.spark_job.conftest import T
from tests.spark_job.support.fake_ingest import FakeIngest, post
from tests.spark_job.trace.test_numbers import Job

from spark_job.executor.ingest_client import IngestClient
from spark_job.trace.answers import NO_POSTS, TraceAnswers
from spark_job.trace.batch_posts import spool_batch_posts

Json = dict[str, Any]


class Desk:
    """A job whose posts an ingest has, and its answers."""

    def __init__(self, folder: Path, ingest: FakeIngest) -> None:
        self.job, self.ingest = Job(folder), ingest

        def connect() -> IngestClient:
            return IngestClient("127.0.0.1", ingest.port)

        self.answers = TraceAnswers(
            self.job.book,
            connect,
            spool_batch_posts(connect),
            lambda source: source != "x",
            lambda key: key == "hush",
        )

    def count(self, *posts: Json) -> None:
        self.ingest.append(*posts)
        self.job.count(*posts)

    def answer(self) -> Json:
        found: Json = msgspec.to_builtins(self.answers.newest({}))
        return found


@pytest.fixture
def desk(tmp_path: Path, ingest: FakeIngest) -> Iterator[Desk]:
    desk = Desk(tmp_path, ingest)
    yield desk
    desk.job.counting.close()


def test_the_first_request_says_that_there_is_nothing_yet_and_lets_ingest_note_what_it_drops(desk: Desk) -> None:
    desk.count(post(["a"], T))
    assert desk.answer() == {"trace": None, "error": None}
    assert desk.ingest.requests == ["DROPPED 0 0"]


def test_the_first_forty_posts_are_shown_with_the_beginning_of_their_text(desk: Desk) -> None:
    desk.count(post(["a"], T))
    desk.answer()
    desk.count(*[post(["Cup"], T + n, text="t" * 300, lang="es") for n in range(50)])
    found = desk.answer()
    assert (found["error"], found["trace"]["posts"], len(found["trace"]["posts_shown"])) == (None, 50, 40)
    assert found["trace"]["posts_shown"][39] == {
        "offset": 40,
        "at_ms": T + 39,
        "source": "demo",
        "lang": "es",
        "text": "t" * 280,
        "tags": [{"key": "cup", "label": "Cup"}],
    }
    assert desk.ingest.requests == ["DROPPED 0 0", "DROPPED 1 51", "READ 1 41"]


def test_posts_of_hidden_sources_and_deleted_ones_have_no_text_and_those_with_a_muted_tag_are_left_out(
    desk: Desk,
) -> None:
    desk.answer()
    edited = post(["d"], T, text="d and #Hush")
    desk.count(post(["a"], T, source="x"), post(["hush", "a"], T), post(["b"], T), post(["c"], T), edited)
    desk.ingest.delete(2)
    shown = desk.answer()["trace"]["posts_shown"]
    assert [(each["offset"], each["text"]) for each in shown] == [(0, None), (2, None), (3, "#c")]


def test_a_post_that_breaks_the_contract_is_left_out_alone(desk: Desk) -> None:
    desk.answer()
    desk.count(post(["a"], T), post(["b"], T))
    desk.ingest.lines[0] = b"torn\n"
    assert [each["offset"] for each in desk.answer()["trace"]["posts_shown"]] == [1]


def test_what_ingest_dropped_is_shown_with_the_reason(desk: Desk) -> None:
    def dropped(text: str | None, why: str, source: str = "demo", *keys: str, detail: str | None = None) -> Json:
        tags = [{"key": key, "label": key} for key in keys]
        fields = {"offset": 1, "at_ms": T, "source": source, "text": text, "lang": "en", "tags": tags}
        return fields | {"why": why, "detail": detail}

    desk.ingest.dropped = [
        dropped("no cup", "filtered"),
        dropped("of x", "duplicate", "x"),
        dropped("#hush", "filtered", "demo", "hush"),
        dropped(None, "malformed", detail="not JSON"),
    ]
    desk.answer()
    desk.count(post(["a"], T))
    trace = desk.answer()["trace"]
    assert [(each["why"], each["source"], each["text"], each["detail"]) for each in trace["dropped"]] == [
        ("filtered", "demo", "no cup", None),
        ("duplicate", "x", None, None),
        ("malformed", "demo", None, "not JSON"),
    ]
    assert trace["dropped_counts"] == {"filtered": 2, "duplicate": 1, "malformed": 1}


def test_an_ingest_that_knows_no_dropped_posts_is_no_error(desk: Desk) -> None:
    desk.ingest.dropped = None
    desk.answer()
    desk.count(post(["a"], T))
    found = desk.answer()
    assert (found["error"], len(found["trace"]["posts_shown"]), found["trace"]["dropped"]) == (None, 1, [])


def test_without_ingest_the_counts_are_shown_and_a_sentence(desk: Desk) -> None:
    desk.answer()
    desk.count(post(["a"], T))
    desk.ingest.leave()
    found = desk.answer()
    desk.ingest.come_back()
    assert (found["error"], found["trace"]["posts_shown"], found["trace"]["posts"]) == (NO_POSTS, [], 1)


def test_posts_of_another_log_are_not_shown(desk: Desk) -> None:
    desk.answer()
    desk.count(post(["a"], T))
    desk.ingest.replace_log("log-b")
    desk.ingest.append(post(["other"], T))
    found = desk.answer()
    assert (found["error"], found["trace"]["posts_shown"]) == (NO_POSTS, [])


def test_the_time_of_the_push_is_a_stage(desk: Desk) -> None:
    desk.answer()
    desk.count(post(["a"], T))
    with desk.job.book.watch_push(desk.job.offered[-1]):
        desk.job.now_ms += 4
    assert desk.answer()["trace"]["stages"][-1] == {
        "stage": "push",
        "place": "driver",
        "began_ms": T,
        "ended_ms": T + 4,
    }
