"""A pane counted again from the log, beside what was counted."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.spark_job.conftest import PANE_MS, Rig, T
from tests.spark_job.support.fake_ingest import FakeIngest, varied_posts

from spark_job.executor.ingest_client import IngestClient
from spark_job.query_server import pane_log
from spark_job.query_server.recount import Numbers, Recounter
from spark_job.query_server.server import RefusedError
from spark_job.query_server.spool_pane import SpoolPane

POSTS = varied_posts(300)


@pytest.fixture(params=[0, 16], ids=["lines", "columns"])
def ingest(request: pytest.FixtureRequest) -> Iterator[FakeIngest]:
    with FakeIngest(run_posts=request.param) as fake:
        yield fake


@pytest.fixture
def recounter(rig: Rig, ingest: FakeIngest) -> Recounter:
    ingest.append(*POSTS)
    rig.count(*POSTS[:120])
    rig.count(*POSTS[120:])
    rig.make(T + 4 * PANE_MS)
    return Recounter(lambda: SpoolPane(IngestClient("127.0.0.1", ingest.port)), rig.state.reader, PANE_MS)


def inside(from_ms: int, key: str | None = None) -> int:
    posts: list[dict[str, Any]] = [one for one in POSTS if from_ms <= one["at_ms"] < from_ms + PANE_MS]
    return len([one for one in posts if key is None or any(tag["key"] == key for tag in one["tags"])])


def test_both_numbers_of_a_pane_and_of_a_tag_agree(recounter: Recounter) -> None:
    for from_ms in (T, T + PANE_MS, T + 3 * PANE_MS):
        found = recounter.recount(from_ms, "日本1")
        posts, tagged = inside(from_ms), inside(from_ms, "日本1")
        assert (found.posts, found.tag) == (Numbers(posts, posts), Numbers(tagged, tagged))
        assert (found.from_ms, found.to_ms, found.read_posts) == (from_ms, from_ms + PANE_MS, posts)
        assert tagged > 0
    assert recounter.recount(T, None).tag is None


def test_a_wrong_count_is_seen(recounter: Recounter, rig: Rig) -> None:
    rig.state.db.execute("UPDATE pane_counts SET posts = posts + 1 WHERE hash IS NULL AND pane_ms = ?", [T])
    posts = recounter.recount(T, None).posts
    assert posts.counted is not None
    assert posts.counted > posts.recounted == inside(T)


def test_of_a_pane_that_the_job_has_forgotten_there_is_one_number(recounter: Recounter, rig: Rig) -> None:
    rig.state.db.execute("DELETE FROM pane_counts WHERE pane_ms = ?", [T])
    assert recounter.recount(T, None).posts == Numbers(None, inside(T))


def refusal(recounter: Recounter, from_ms: int) -> str:
    with pytest.raises(RefusedError) as raised:
        recounter.recount(from_ms, None)
    return str(raised.value)


def test_what_can_not_be_counted_again_is_refused_with_a_sentence(
    recounter: Recounter, ingest: FakeIngest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refusal(recounter, T + 1) == "no pane begins at this time"
    assert refusal(recounter, T + 4 * PANE_MS) == "this pane is not closed yet"
    monkeypatch.setattr(pane_log, "MOST_POSTS", 50)
    assert refusal(recounter, T + PANE_MS) == "the pane has more than 50 posts"
    ingest.trim(80)
    assert refusal(recounter, T + PANE_MS) == "ingest does not store all posts of this pane any more"
    assert refusal(recounter, T) == "ingest does not store all posts of this pane any more"
    ingest.replace_log("log-b")
    assert refusal(recounter, T) == "the job counts another log than the one that ingest has now"


def test_one_pane_at_a_time(recounter: Recounter) -> None:
    with recounter._one:
        assert refusal(recounter, T) == "another pane is counted again just now"


def test_without_ingest_it_says_so(recounter: Recounter, ingest: FakeIngest) -> None:
    ingest.leave()
    assert refusal(recounter, T) == "ingest can't give the posts now"
    ingest.come_back()
