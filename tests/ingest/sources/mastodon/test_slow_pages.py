"""Mastodon: a deletion in the stream does not wait for the timeline, and is not lost with a stream that is given up."""

import threading
import time
from collections.abc import Generator
from contextlib import closing
from typing import Any, cast

import pytest
from tests.ingest.servers.mastodon_server import TIMELINE, MastodonServer, status, status_id
from tests.ingest.sources.mastodon.test_source import Serve, mastodon, numbers
from tests.ingest.sources.mastodon.test_source import serve as serve  # noqa: PLC0414 - a fixture, used by its name
from tests.ingest.support.running_source import first_changes

from ingest.sources.base import ChangedPost, NewPost, Silent, SourceItem

pytestmark = pytest.mark.timeout(60)


def deletion(number: int) -> bytes:
    return f"event: delete\ndata: {status_id(number)}\n\n".encode()


def alias(server: MastodonServer, number: int) -> str:
    return f"mastodon:{server.url.removeprefix('http://')}/{status_id(number)}"


@pytest.mark.parametrize("cursor", [None, status_id(0)])
def test_changes_in_the_stream_do_not_wait_for_a_page(serve: Serve, cursor: str | None) -> None:
    server = serve(20)
    server.made = 10
    server.held_pages = range(1, 99)
    changes = first_changes(mastodon(server), 4, cursor)
    assert [(change.kind, change.id) for change in changes if change.kind == "deleted"] == [
        ("deleted", alias(server, 11)),
        ("deleted", alias(server, 16)),
    ]
    assert not server.page_gate.is_set()
    # The missed posts are still missing.
    assert {change.cursor for change in changes} == {cursor} or cursor is None


def test_a_post_that_is_deleted_while_its_page_is_on_the_way_is_deleted_after_it(serve: Serve) -> None:
    server = serve(10)
    server.made = 10
    # The first request asks how far the timeline goes.
    server.held_pages = range(2, 3)
    server.unstreamed, server.instead = range(10, 11), deletion(3)
    writer = threading.Thread(target=append_after, args=(server, 2, [status(10)]))
    writer.start()
    items: list[SourceItem] = []
    with closing(cast("Generator[SourceItem, None, None]", mastodon(server).posts(status_id(0)))) as source:
        for item in source:
            items.append(item)
            changes = sum(isinstance(each, ChangedPost) for each in items)
            if changes == 2:
                break
            if changes == 1:
                server.page_gate.set()
    writer.join()
    assert [item.id for item in items if isinstance(item, ChangedPost)] == [alias(server, 3)] * 2
    assert isinstance(items[0], ChangedPost)
    assert numbers(items) == [0, 1, 2, 3]


def append_after(server: MastodonServer, requests: int, statuses: list[dict[str, Any]]) -> None:
    """Post these statuses when the timeline has been requested so often."""
    while len(server.requests_for(TIMELINE)) < requests:
        time.sleep(0.01)
    server.statuses += statuses


@pytest.mark.slow
def test_deletions_that_come_while_the_timeline_is_compared_are_not_lost_with_the_stream(serve: Serve) -> None:
    server = serve(20)
    server.made = 20
    server.unstreamed, server.instead = range(20, 99), deletion(7)
    source = mastodon(server, silence_seconds=0.4, monotonic_seconds=server.stream_seconds)

    # The first request is that of the start. Two find a post in the timeline. With the next ones the stream ends.
    server.held_pages = range(4, 5)

    def write() -> None:
        append_after(server, 1, [status(20)])
        append_after(server, 4, [status(number) for number in range(21, 29)])
        while server.made < 29:
            time.sleep(0.01)
        server.page_gate.set()

    writer = threading.Thread(target=write)
    writer.start()
    items: list[SourceItem] = []
    with pytest.raises(Silent):
        items.extend(source.posts(None))
    writer.join()
    assert sum(isinstance(item, ChangedPost) for item in items) == 9
    assert [item.cursor for item in items if isinstance(item, NewPost)][-1] == status_id(28)
