"""Mastodon, against a real server that streams, pages, and fails in many ways."""

import itertools
import logging
import re
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from tests.ingest.servers.mastodon_server import (
    CUTS,
    INSTANCE,
    PAGE_CUTS,
    STREAM,
    TIMELINE,
    TOKEN,
    MastodonServer,
    status,
    status_id,
)
from tests.ingest.sources.conftest import RunSource
from tests.ingest.support.process import wait_until
from tests.ingest.support.running_source import (
    DEADLINE_SECONDS,
    breaks,
    first_changes,
    first_items,
    until_it_breaks,
    wall_ms,
)

from ingest.sources.base import ChangedPost, Interrupted, Malformed, NewPost, Refused, Repeated, SourceItem
from ingest.sources.mastodon.source import Mastodon

Serve = Callable[..., MastodonServer]

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as running:

        def serve_(posts: int = 0, **options: Any) -> MastodonServer:
            server = MastodonServer([status(number) for number in range(posts)], **options)
            return running.enter_context(server.running())

        yield serve_


def mastodon(
    server: MastodonServer,
    stop: threading.Event | None = None,
    token: str | None = TOKEN,
    silence_seconds: float = DEADLINE_SECONDS,
    monotonic_seconds: Callable[[], float] = time.monotonic,
) -> Mastodon:
    return Mastodon(
        server.url,
        token,
        wall_ms=wall_ms,
        monotonic_seconds=monotonic_seconds,
        stop=stop or threading.Event(),
        silence_seconds=silence_seconds,
    )


def numbers(items: Sequence[SourceItem]) -> list[int]:
    return [int(item.post.id.rpartition("/")[2]) for item in items if isinstance(item, NewPost)]


@pytest.mark.parametrize("url", ["https://social.example", "https://social.example/", "https://social.example/?key=1"])
def test_its_facts_are_the_server_and_nothing_else_of_the_address(url: str) -> None:
    source = Mastodon(url, TOKEN, wall_ms=wall_ms, monotonic_seconds=time.monotonic, stop=threading.Event())
    assert source.facts() == {"server": "https://social.example"}


def test_a_status_is_a_post(serve: Serve) -> None:
    (item,) = first_items(mastodon(serve(1)), 1)
    assert isinstance(item, NewPost)
    assert item.cursor == status_id(0)
    post = item.post
    assert post.id == "mastodon:https://two.example/users/ada/statuses/0"
    assert (post.text, post.labels) == ("Beitrag 0 & mehr #Straßen 🚋", ["Straßen"])
    assert (post.source, post.lang, post.author) == ("mastodon", "de", "ada@two.example")
    assert (post.url, post.created_at) == ("https://two.example/@ada/0", "2026-11-20T12:00:00.000Z")


def test_edits_deletions_and_comments_are_not_posts(serve: Serve) -> None:
    assert numbers(first_items(mastodon(serve(12)), 12)) == list(range(12))


def test_a_deletion_names_the_status_by_the_alias_of_its_post_and_an_edit_by_its_id(serve: Serve) -> None:
    server = serve(12)
    made = {item.post.alias: item.post for item in first_items(mastodon(server), 12) if isinstance(item, NewPost)}
    changes = first_changes(mastodon(serve(12)), 4)
    assert [change.kind for change in changes] == ["edited", "deleted", "edited", "deleted"]
    edited, deleted = changes[:2]
    assert edited.id in {post.id for post in made.values()}
    assert edited.text == "geändert #anders"
    assert {alias.rpartition("/")[2] for alias in made if isinstance(alias, str)} >= {deleted.id.rpartition("/")[2]}
    assert deleted.id.startswith("mastodon:127.0.0.1:")


def test_statuses_that_are_deleted_or_edited_in_the_stream_are_so_in_the_log(
    serve: Serve, run_source: RunSource
) -> None:
    server = serve(12)
    running = run_source(lambda stop: mastodon(server, stop))
    running.wait_for_posts(12)
    wait_until(lambda: running.progress.deleted >= 2 and running.progress.edited >= 2)
    running.stop()
    posts = running.posts()
    assert sum(not post.text for post in posts) == running.progress.deleted
    assert sum(post.text == "geändert #anders" for post in posts) == running.progress.edited
    assert all(post.author is None for post in posts if not post.text)
    assert len({post.alias for post in posts}) == 12


def items_until_all(source: Mastodon, wanted: set[int], cursor: str) -> list[NewPost]:
    """Return the posts until all wanted ones have come; some come twice, live and from the timeline."""
    items: list[NewPost] = []
    with closing(cast("Generator[SourceItem, None, None]", source.posts(cursor))) as posts:
        for item in posts:
            if isinstance(item, Repeated | ChangedPost):
                continue
            assert isinstance(item, NewPost)
            items.append(item)
            wanted = wanted - set(numbers([item]))
            if not wanted:
                return items
    raise AssertionError(f"{len(wanted)} did not come")


def test_missed_posts_come_from_the_timeline_and_live_posts_are_not_lost(serve: Serve) -> None:
    server = serve(400)
    server.made = 300
    items = items_until_all(mastodon(server), set(range(100, 400)), status_id(99))
    missed = [number for number in numbers(items) if number < 300]
    assert missed == sorted(set(missed))
    pages = server.requests_for(TIMELINE)
    assert pages[0] == f"{TIMELINE}?limit=1"
    assert all("limit=40&min_id=" in page for page in pages[1:])


def test_the_cursor_stays_at_the_missed_posts_until_all_were_fetched(serve: Serve) -> None:
    server = serve(400)
    server.made = 300
    came = set(range(100))
    for item in items_until_all(mastodon(server), set(range(100, 400)), status_id(99)):
        came |= set(numbers([item]))
        assert item.cursor is not None
        assert came >= {number for number in range(400) if status_id(number) <= item.cursor}


def _items_after_99(server: MastodonServer) -> Generator[SourceItem, None, None]:
    return cast("Generator[SourceItem, None, None]", mastodon(server).posts(status_id(99)))


def test_the_stream_works_although_the_timeline_is_closed(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = serve(400)
    server.made = 300
    server.page_faults = iter([(422, {})])
    with caplog.at_level(logging.WARNING), closing(_items_after_99(server)) as items:
        live = (item for item in items if not isinstance(item, ChangedPost))
        assert numbers(list(itertools.islice(live, 100))) == list(range(300, 400))
        # The stream does not wait for the timeline.
        wait_until(lambda: bool(caplog.messages))
    assert caplog.messages == ["mastodon: missed posts can't be fetched: the server answers 422"]


def test_a_rate_limited_timeline_is_requested_again_after_the_requested_wait(serve: Serve) -> None:
    server = serve(20)
    server.made = 20
    reset = datetime.now(UTC) + timedelta(seconds=2)
    server.page_faults = iter([(429, {"X-RateLimit-Reset": reset.isoformat()})])
    assert numbers(first_items(mastodon(server), 10, status_id(9)))[-1] == 9
    assert datetime.now(UTC) >= reset - timedelta(seconds=0.1)
    assert len(server.requests_for(TIMELINE)) == 3


def test_the_wait_that_the_timeline_requested_holds_although_the_stream_breaks(serve: Serve) -> None:
    server = serve(2)
    server.posts_per_stream = 1
    server.faults = iter(["goodbye"])
    server.page_faults = iter([(429, {"Retry-After": "300"})])
    source = mastodon(server)
    items, _ = until_it_breaks(source, status_id(9))
    assert numbers(items + first_items(source, 1, status_id(9))) == [0, 1]
    assert len(server.requests_for(TIMELINE)) == 1


def test_a_wrong_token_is_refused_in_one_sentence_without_it(serve: Serve) -> None:
    server = serve(1)
    error = breaks(mastodon(server, token="wrong-token"))
    assert isinstance(error, Refused)
    host = server.url.removeprefix("http://")
    assert str(error) == f"{host} answers 401 Invalid access token: check MASTODON_ACCESS_TOKEN"
    assert len(server.requests_for(STREAM)) == 1


def test_without_a_token_the_error_names_the_setting(serve: Serve) -> None:
    error = breaks(mastodon(serve(1), token=None))
    assert isinstance(error, Refused)
    assert str(error).endswith("Missing access token: it streams to its users only, set MASTODON_ACCESS_TOKEN")


def test_an_older_server_streams_without_a_token(serve: Serve) -> None:
    assert numbers(first_items(mastodon(serve(1, token=None), token=None), 1)) == [0]


def test_a_server_without_a_stream_is_refused_unless_posts_came_from_it_before(serve: Serve) -> None:
    server = serve(1)
    server.greetings = iter([(404, {}), (404, {})])
    first, second = breaks(mastodon(server)), breaks(mastodon(server), status_id(0))
    assert isinstance(first, Refused)
    assert str(first) == f"{server.url[7:]} answers 404 made up: it has no Mastodon stream, check MASTODON_URL"
    assert isinstance(second, Interrupted)


@pytest.mark.parametrize(("code", "headers", "wait"), [(503, {}, 0), (429, {"X-RateLimit-Reset": "60"}, 60)])
def test_a_temporary_error_is_an_interruption(serve: Serve, code: int, headers: dict[str, str], wait: float) -> None:
    stream, instance = serve(1), serve(1)
    stream.greetings = iter([(code, headers)])
    instance.instance_faults = iter([(code, headers)])
    for server in (stream, instance):
        error = breaks(mastodon(server))
        assert isinstance(error, Interrupted)
        assert f"answers {code} made up" in str(error)
        assert error.wait_seconds == wait


@pytest.mark.parametrize(
    ("fault", "reasons", "sentence"),
    [
        ("cut mid-line", [], "the connection broke off"),
        ("cut mid-character", [], "the connection broke off"),
        ("endless line", ["longer than 1 MiB"], "sent an event that is longer than 1 MiB"),
        ("garbage", ["not JSON", "wrong shape"], "ended the stream"),
        ("silence", [], "was silent for 3 s"),
        ("goodbye", [], "ended the stream"),
    ],
)
def test_a_broken_stream_reports_the_cause_and_its_cursor_stays(
    serve: Serve, fault: str, reasons: list[str], sentence: str
) -> None:
    server = serve(2)
    server.faults = iter([fault])
    server.posts_per_stream = 1
    # A busy machine makes no stream silent that breaks in another way, or that has not sent its post yet.
    silence_seconds = 3 if fault == "silence" else DEADLINE_SECONDS
    items, error = until_it_breaks(mastodon(server, silence_seconds=silence_seconds))
    assert isinstance(error, Interrupted)
    assert re.search(sentence, str(error))
    assert [item.reason for item in items if isinstance(item, Malformed)] == reasons
    assert {item.cursor for item in items} == {status_id(0)}


def test_the_stream_may_be_on_another_host(serve: Serve) -> None:
    main, streaming = serve(), serve(1)
    main.streaming_url = streaming.url.replace("http:", "ws:")
    assert numbers(first_items(mastodon(main), 1)) == [0]
    assert main.requests_for(STREAM) == []
    assert len(main.requests_for(INSTANCE)) == 1


@pytest.mark.parametrize("url", ["wss://one.example:99999", f"wss://{'a' * 64}.example", "wss://[::1", "wss:///", "x"])
def test_without_a_streaming_address_the_server_itself_is_used(serve: Serve, url: str) -> None:
    server = serve(1)
    server.streaming_url = url
    assert numbers(first_items(mastodon(server), 1)) == [0]


def test_a_redirect_to_an_invalid_address_is_an_interruption(serve: Serve) -> None:
    server = serve(1)
    server.instance_faults = iter([(302, {"Location": f"http://{'a' * 64}.example/"})])
    assert isinstance(breaks(mastodon(server)), Interrupted)


@pytest.mark.parametrize("moment", ["connecting", "silent"])
def test_a_stop_ends_the_source_soon_although_the_server_is_silent(
    serve: Serve, run_source: RunSource, moment: str
) -> None:
    server = serve(1)
    server.faults = iter(["silence"])
    if moment == "connecting":
        server.gate.clear()
    active = run_source(lambda stop: mastodon(server, stop))
    if moment == "silent":
        active.wait_for_posts(1)
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not server.requests:
        assert time.monotonic() < deadline
    assert active.stop() < 2


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_ten_thousand_posts_come_exactly_once_through_all_failures(run_source: RunSource, serve: Serve) -> None:
    server = serve(10_000)
    server.posts_per_stream = 250
    server.missed_per_fault = 60
    server.faults = iter([fault for _ in range(4) for fault in CUTS])
    server.greetings = iter([None, (503, {}), None, (429, {"Retry-After": "0.1"}), None] * 6)
    server.page_faults = iter([None, None, (503, {}), *PAGE_CUTS, None, (429, {"Retry-After": "0.2"}), None])
    active = run_source(lambda stop: mastodon(server, stop, silence_seconds=0.4))
    active.wait_for_posts(10_000, 200)
    active.stop()
    posts = active.posts()
    assert {post.id for post in posts} == {
        f"mastodon:https://two.example/users/ada/statuses/{n}" for n in range(10_000)
    }
    assert len(posts) == active.progress.accepted == 10_000
    assert active.progress.duplicate > 0
    assert set(active.progress.malformed) == {"not JSON", "wrong shape", "longer than 1 MiB"}
    assert len(server.requests_for(STREAM)) > 30
    assert active.runner.state.error


@pytest.mark.parametrize("url", ["", "one.example", "ftp://one.example", "https://ada:secret@one.example"])
def test_anything_else_is_not_an_address(url: str) -> None:
    with pytest.raises(ValueError, match="looks like") as raised:
        Mastodon(url, None, wall_ms=wall_ms, monotonic_seconds=time.monotonic, stop=threading.Event())
    assert "secret" not in str(raised.value)


def test_another_server_is_another_input(serve: Serve) -> None:
    one, other = mastodon(serve()), mastodon(serve())
    assert one.identity != other.identity
