"""Sample posts: which are chosen, and that those that must go are gone at once and never come back."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.spark_job.conftest import Rig, T
from tests.spark_job.support.fake_ingest import FakeIngest, post
from tests.spark_job.support.snapshots import QUIET

from spark_job.changes.change import Change, ChangedTag
from spark_job.changes.feed import ChangeFeed
from spark_job.executor.ingest_client import IngestClient
from spark_job.mute.mute_file import MuteFile
from spark_job.mute.mute_list import MuteList
from spark_job.panel_schema import Samples
from spark_job.samples import newest_posts, sampler
from spark_job.samples.newest_posts import NewestPosts
from spark_job.samples.sampler import Sampler
from spark_job.samples.spool_posts import MOST_LAG, SpoolPosts
from spark_job.settings import Settings
from spark_job.snapshot_schema import Ingest, Snapshot


class Job:
    """Counts a log without Spark, and samples it without a thread."""

    def __init__(self, rig: Rig, ingest: FakeIngest, most: int = 3, sources: str = "") -> None:
        self.rig = rig
        self.ingest = ingest
        self.mute = MuteFile(None)
        self.now_ms = 10_000
        self.since_ms = 0
        self.reachable = True
        settings = Settings(push_token="a-token-of-the-tests", sample_sources=sources)
        self.client = IngestClient("127.0.0.1", ingest.port)
        newest = NewestPosts(most, settings.shows_posts_of, self.mute.hides)
        self.posts = SpoolPosts(self.client)
        self.sampler = Sampler(self.posts, newest, lambda: self.now_ms)

    def write(self, *posts: dict[str, Any]) -> None:
        """Append posts, and count them."""
        self.ingest.append(*posts)
        self.rig.count(*posts)

    def snapshot(self) -> Snapshot:
        with IngestClient("127.0.0.1", self.ingest.port) as client:
            status = client.status()
        snapshot = self.rig.make(self.ingest.watermark_ms + 1)
        ingest = Ingest(reachable=self.reachable, since_ms=self.since_ms, error=None, status=status)
        health = msgspec.structs.replace(QUIET, offset=self.rig.state.progress().next_offset, ingest=ingest)  # type: ignore[union-attr]
        return msgspec.structs.replace(snapshot, health=health)

    def read(self, times: int = 1) -> None:
        for _ in range(times):
            self.sampler.note(self.snapshot())
            self.sampler.read()

    def sent(self) -> Samples:
        """What the next snapshot has. It arrives."""
        self.now_ms += 2_000
        samples = self.sampler.samples()
        assert samples is not None
        self.sampler.arrived(samples, is_needed_again=False)
        return samples

    def texts(self, key: str) -> list[str]:
        samples = self.sampler._made.samples
        return [samples.posts[place].text for place in samples.of.get(key, [])]


@pytest.fixture
def job(rig: Rig, ingest: FakeIngest) -> Iterator[Job]:
    job = Job(rig, ingest)
    yield job
    job.client.close()


def said(text: str, tags: Sequence[str], at_ms: int, author: str | None, **fields: Any) -> dict[str, Any]:
    return post(tags, at_ms, text=text, author=author, **fields) | {"author": None if author is None else author}


@pytest.fixture(autouse=True)
def names_of_authors(monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts of these tests need numbers as authors, and the log has names."""
    monkeypatch.setattr("tests.spark_job.support.tally.author_of", lambda one, offset: hash(one.get("author")) % 2**63)


def deletion(number: int, offset: int, kind: str = "deleted") -> Change:
    return Change(number, kind, T, offset, f"demo:{offset}", T, "demo", "en", [ChangedTag("a", "a")])


def test_the_newest_posts_of_different_authors_are_sent(job: Job) -> None:
    job.write(*(said(f"text {n}", ["A"], T + n, f"author {n % 4}") for n in range(12)))
    job.read()
    samples = job.sent()
    assert [samples.posts[place].text for place in samples.of["a"]] == ["text 11", "text 10", "text 9"]
    first = msgspec.to_builtins(samples.posts[samples.of["a"][0]])
    assert first == {
        "offset": 11,
        "id": "demo:11",
        "at_ms": T + 11,
        "created_at": None,
        "text": "text 11",
        "source": "demo",
        "lang": "en",
        "url": None,
        "tags": [{"key": "a", "label": "A"}],
    }


def test_a_post_without_an_author_is_of_nobody_else(job: Job) -> None:
    job.write(*(said(f"text {n}", ["A"], T + n, None) for n in range(3)))
    job.read()
    assert job.texts("a") == ["text 2", "text 1", "text 0"]


def test_new_posts_replace_older_ones(job: Job) -> None:
    job.write(*(said(f"old {n}", ["A"], T + n, f"author {n}") for n in range(3)))
    job.read()
    job.write(said("new", ["A"], T + 9, "author 1"))
    job.read()
    assert job.texts("a") == ["new", "old 2", "old 0"]


def test_a_tag_that_begins_to_lead_gets_older_posts_from_the_log(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampler, "NEW_POSTS", 5)
    monkeypatch.setattr(sampler, "OLDER_AT_ONCE", 10)
    job.write(said("the only one", ["Rare"], T, "author"), *(said(f"{n}", ["A"], T + n, f"{n}") for n in range(60)))
    job.read()
    assert job.texts("rare") == []
    job.read(6)
    assert job.texts("rare") == ["the only one"]
    before = len(job.ingest.requests)
    job.read(2)
    # All of the log was looked at. Nothing more is read.
    assert [one for one in job.ingest.requests[before:] if one.startswith("READ")] == []


def test_lines_that_were_read_once_are_not_read_again_for_tags_that_begin_to_lead(rig: Rig, ingest: FakeIngest) -> None:
    job = Job(rig, ingest, most=30)
    job.write(said("the first one", ["Late"], T, "first"), said("of another tag", ["Else"], T, "else"))
    job.write(*(said(f"{n} {m}", [f"Main{n}"], T + n, f"{n} {m}") for n in range(80) for m in range(5)))
    job.read(3)
    assert job.texts("late") == []
    before, end = len(ingest.requests), job.snapshot().health.offset
    job.write(*(said(f"late {n}", ["Late"], T + 100 + n, f"late {n}") for n in range(20)))
    job.read(8)
    assert job.texts("late") == [*(f"late {n}" for n in reversed(range(20))), "the first one"]
    reads = [one for one in ingest.requests[before:] if one.startswith("READ")]
    # The new lines, and the old post of this tag.
    assert (reads[0], reads[-1]) == (f"READ {end} {end + 20}", "READ 0 1")
    assert all(int(until) == int(begin) + 1 for begin, until in (one.split()[1:3] for one in reads[1:]))
    job.client.close()


def test_a_deleted_post_is_gone_at_once_and_never_comes_back(job: Job) -> None:
    job.write(*(said(f"text {n}", ["A", "B"], T + n, f"author {n}") for n in range(3)))
    job.read()
    job.sent()
    # Not a moment after the last ones were sent.
    job.sampler.changed([deletion(0, 1)])
    samples = job.sampler.samples()
    assert samples is not None
    assert "text 1" not in msgspec.json.encode(samples).decode()
    # A line that was read before the post was deleted.
    job.posts._begin = job.posts._end = 0
    job.read(3)
    assert job.texts("a") == job.texts("b") == ["text 2", "text 0"]


def test_a_deleted_post_does_not_come_back_after_a_restart(job: Job) -> None:
    job.write(*(said(f"text {n}", ["A"], T + n, f"author {n}") for n in range(3)))
    job.ingest.delete(1)
    job.read(2)
    assert job.texts("a") == ["text 2", "text 0"]


def test_an_edited_post_leaves_at_once_and_is_read_again(job: Job) -> None:
    job.write(*(said(f"text {n}", ["A"], T + n, f"author {n}") for n in range(3)))
    job.read()
    job.ingest.delete(1, "edited", "a better text")
    job.sampler.changed([deletion(0, 1, "edited")])
    assert job.texts("a") == ["text 2", "text 0"]
    job.read()
    assert job.texts("a") == ["text 2", "a better text", "text 0"]


def test_an_edit_that_comes_before_the_post_is_shown_is_read_too(job: Job) -> None:
    job.write(said("old", ["A"], T, "author"))
    job.read()
    job.sampler.changed([deletion(0, 0, "edited")])
    job.ingest.delete(0, "edited", "new")
    job.read()
    assert job.texts("a") == ["new"]


def test_posts_that_ingest_has_trimmed_are_gone(job: Job) -> None:
    job.write(*(said(f"text {n}", ["A"], T + n, f"author {n}") for n in range(3)))
    job.read()
    job.ingest.trim(2)
    job.read()
    assert job.texts("a") == ["text 2"]


def test_x_is_off_unless_it_is_named(rig: Rig, ingest: FakeIngest) -> None:
    job = Job(rig, ingest)
    job.write(said("of x", ["A"], T, "1", source="x"), said("of bluesky", ["A"], T, "2", source="bluesky"))
    job.read()
    assert job.texts("a") == ["of bluesky"]
    other = Job(rig, ingest, sources="x, mastodon")
    other.read(2)
    assert other.texts("a") == ["of x"]
    for one in (job, other):
        one.client.close()


def test_a_post_with_a_muted_tag_is_no_sample(job: Job) -> None:
    job.write(said("both", ["A", "Bad"], T, "1"), said("one", ["A"], T, "2"))
    job.read()
    job.sent()
    assert job.texts("a") == ["one", "both"]
    job.mute.muted = MuteList(("bad",))
    job.read()
    assert job.texts("a") == ["one"]
    # It must not wait.
    assert job.sampler.samples() is not None


@pytest.mark.parametrize("text", ["ok #Bad", "ok #bad!", "＃ＢＡＤ", "#b\u200bad, and", "#ok#bad", "##bad/x"])
def test_a_post_that_shows_a_muted_tag_in_its_text_is_no_sample(job: Job, text: str) -> None:
    job.write(said("ok", ["A"], T, "1"), said("#badly #b bad #", ["A"], T, "2"))
    job.read()
    # An edit: the tags stay those of the first version.
    job.ingest.delete(0, "edited", text)
    job.sampler.changed([deletion(0, 0, "edited")])
    job.read()
    assert job.texts("a") == ["#badly #b bad #", text]
    job.mute.muted = MuteList(("bad",))
    job.read()
    assert job.texts("a") == ["#badly #b bad #"]


def test_older_posts_take_the_places_of_those_that_were_deleted_or_muted(job: Job) -> None:
    job.write(*(said(f"text {n}", ["A", *["Bad"] * (n == 9)], T + n, f"author {n}") for n in range(12)))
    job.read(2)
    assert job.texts("a") == ["text 11", "text 10", "text 9"]
    for number, offset in enumerate((11, 10)):
        job.ingest.delete(offset)
        job.sampler.changed([deletion(number, offset)])
    assert job.texts("a") == ["text 9"]
    job.read(2)
    assert job.texts("a") == ["text 9", "text 8", "text 7"]
    job.mute.muted = MuteList(("bad",))
    job.read(2)
    assert job.texts("a") == ["text 8", "text 7", "text 6"]
    before = len(job.ingest.requests)
    job.read(2)
    # Nothing is lacking, so nothing is read.
    assert [one for one in job.ingest.requests[before:] if one.startswith("READ")] == []


def test_a_long_text_is_cut_and_a_broken_line_is_passed_over(job: Job) -> None:
    job.write(said("é" * 2_000, ["A"], T, "1", url="https://example.org/" + "x" * 3_000), said("b", ["A"], T + 1, "2"))
    job.ingest.lines[1] = b'{"offset": 1, "at_ms": "?"}\n'
    job.read()
    (text,) = job.texts("a")
    assert text == "é" * 1_000
    assert job.sampler._made.samples.posts[0].url is None


def test_they_are_sent_until_they_arrive_and_again_when_the_dashboard_needs_them(job: Job) -> None:
    assert job.sampler.samples() == Samples(posts=[], of={})
    job.write(said("text", ["A"], T, "1"))
    job.read()
    assert job.sampler.samples() is job.sampler.samples() is not None
    job.sent()
    assert job.sampler.samples() is None
    job.write(said("next", ["A"], T + 1, "2"))
    job.read()
    assert job.sampler.samples() is None
    job.now_ms += 2_000
    assert job.sent().of["a"] == [0, 1]
    job.sampler.arrived(None, is_needed_again=True)
    same = job.sampler.samples()
    assert same is not None
    # Another dashboard, to which they are passed on, may have missed them.
    job.sampler.arrived(same, is_needed_again=False)
    job.now_ms += sampler.AGAIN_MS - 1
    assert job.sampler.samples() is None
    job.now_ms += 1
    assert job.sampler.samples() is same


def test_all_of_them_are_bounded_and_the_window_leads(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest_posts, "MOST_BYTES", 3_000)
    job.write(*(said("x" * 500, [f"Tag{n % 9}"], T + n, f"author {n}") for n in range(20)))
    job.read()
    samples = job.sent()
    assert len(msgspec.json.encode(samples)) <= 3_000
    assert [*samples.of] == ["tag0"]


def test_while_ingest_can_not_be_reached_nobody_knows_what_was_deleted(job: Job) -> None:
    job.write(said("text", ["A"], T, "1"))
    job.read()
    job.reachable, job.since_ms = False, T - 10_000
    job.read()
    assert job.texts("a") == []
    job.reachable = True
    job.read(2)
    assert job.texts("a") == ["text"]


@pytest.fixture
def feed(job: Job) -> Iterator[ChangeFeed]:
    """The feed of the job, as it is connected there. Nothing is counted."""
    job.ingest.changes = []
    client = IngestClient("127.0.0.1", job.ingest.port)
    yield ChangeFeed(client, job.sampler.changed, lambda *_: -1, job.sampler.missed)
    client.close()


def poll(job: Job, feed: ChangeFeed) -> None:
    with IngestClient("127.0.0.1", job.ingest.port) as client:
        feed.poll(client.status(), "log-a", 0)


def test_when_a_deletion_is_lost_with_a_damaged_change_its_post_is_gone_all_the_same(
    job: Job, feed: ChangeFeed
) -> None:
    job.write(*(said(f"text {number}", ["A"], T + number, f"{number}") for number in range(3)))
    poll(job, feed)
    job.read()
    assert job.texts("a") == ["text 2", "text 1", "text 0"]
    # Ingest has removed the changes up to the damaged one: that of the post 1, too.
    job.ingest.delete(1)
    job.ingest.delete(2)
    assert job.ingest.changes is not None
    job.ingest.changes, job.ingest.first_change = job.ingest.changes[1:], 1
    poll(job, feed)
    assert job.texts("a") == []
    job.read(2)
    assert job.texts("a") == ["text 0"]


def test_a_line_that_was_read_before_a_deletion_was_lost_is_no_sample(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    job.ingest.changes = []
    job.write(said("text", ["A"], T, "1"))
    read = job.client.read

    def read_and_lose(*arguments: int) -> Any:
        piece = read(*arguments)
        job.ingest.delete(0)
        job.sampler.missed()
        return piece

    monkeypatch.setattr(job.client, "read", read_and_lose)
    job.sampler.note(job.snapshot())
    job.sampler.read()
    job.read(2)
    assert job.texts("a") == []


def test_while_changes_can_not_be_read_nobody_knows_what_was_deleted(job: Job, feed: ChangeFeed) -> None:
    job.write(said("text", ["A"], T, "1"))
    poll(job, feed)
    job.read()
    assert job.texts("a") == ["text"]
    job.ingest.delete(0)
    with IngestClient("127.0.0.1", job.ingest.port) as client:
        status = client.status()
    for _ in range(6):
        job.ingest.wrong_answers.append(b'{"error": "the spool can\'t be used"}\n')
        feed.poll(status, "log-a", 0)
        job.now_ms += 1_000
    job.read(2)
    assert job.texts("a") == []
    # No sample is read meanwhile, either.
    assert job.ingest.requests[-1] == "STATUS"
    poll(job, feed)
    job.write(said("more", ["A"], T + 1, "2"))
    job.read(2)
    assert job.texts("a") == ["more"]


def test_another_epoch_begins_without_samples(job: Job, tmp_path: Path) -> None:
    job.write(said("text", ["A"], T, "1"))
    job.read()
    job.ingest.replace_log("log-b")
    job.rig.state.begin_epoch("log-b", 0, T, "another log")
    job.rig.snapshots.forget_batch()
    job.read()
    assert job.texts("a") == []


def test_during_a_backlog_nothing_is_read(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    job.write(said("text", ["A"], T, "1"))
    snapshot = job.snapshot()
    health = msgspec.structs.replace(snapshot.health, lag_posts=MOST_LAG + 1)
    job.sampler.note(msgspec.structs.replace(snapshot, health=health))
    job.sampler.read()
    assert [one for one in job.ingest.requests if one.startswith("READ")] == []
