"""A separate stack whose source disappears: made-up posts from a Bluesky server on loopback, until it disconnects."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from tests.end_to_end.stack import Stack
from tests.ingest.servers.jetstream_server import JetstreamServer, event

from ingest.sources.demo.arrivals import arrivals
from ingest.sources.demo.generator import PostGenerator

if TYPE_CHECKING:
    from collections.abc import Iterator

POSTS_PER_SECOND = 50.0
SEED = 8
#: Seconds of posts in the window before the source disappears.
TALK_SECONDS = 75.0


@contextmanager
def lost_source() -> Iterator[str]:
    """The address of a page whose only source disappeared a moment ago."""
    server = JetstreamServer([])
    with tempfile.TemporaryDirectory(prefix="lost-") as folder, ExitStack() as serving:
        serving.enter_context(server.running())
        with Stack(Path(folder) / "data", SOURCE="bluesky", BLUESKY_HOSTS=server.url) as stack:
            stack.snapshot_where(lambda _: True, "Spark has started")
            _talk(server.events)
            serving.close()
            stack.snapshot_where(_is_lost, "the source is lost")
            yield stack.address


def _talk(events: list[dict[str, Any]]) -> None:
    """Add posts at the pace of the demo."""
    start = time.monotonic()
    chatter = PostGenerator(Random(SEED), "picture", time.time_ns() // 1_000_000)  # noqa: S311 - no secret
    for number, at in enumerate(arrivals(POSTS_PER_SECOND, Random(SEED))):  # noqa: S311
        if at > TALK_SECONDS:
            return
        time.sleep(max(0.0, start + at - time.monotonic()))
        post = chatter.post(number, at)
        events.append(event(number, post.text, langs=[post.lang]) | {"time_us": time.time_ns() // 1000})


def _is_lost(snapshot: dict[str, Any]) -> bool:
    status = snapshot["health"]["ingest"]["status"]
    return status is not None and any(source["state"] == "retrying" for source in status["sources"])
