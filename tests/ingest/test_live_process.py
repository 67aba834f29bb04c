"""`python -m ingest` with Bluesky and Mastodon, in its own process, against servers that fail."""

import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.servers.jetstream_server import JetstreamServer, event
from tests.ingest.servers.mastodon_server import STREAM, TIMELINE, TOKEN, MastodonServer, status, status_id
from tests.ingest.support.process import Start, posts_of, wait_for, wait_for_end, wait_until

pytestmark = pytest.mark.timeout(180)

TAGS = [{"key": "strassen", "label": "Straßen"}]
#: The longest time that a SIGTERM may take, whatever the servers do.
END_SECONDS = 5.0

Sources = dict[str, dict[str, Any]]


@pytest.fixture
def jetstream() -> Iterator[JetstreamServer]:
    with JetstreamServer([event(number) for number in range(300)]).running() as server:
        yield server


@pytest.fixture
def mastodon() -> Iterator[MastodonServer]:
    with MastodonServer([status(number) for number in range(300)]).running() as server:
        yield server


@pytest.fixture
def both(jetstream: JetstreamServer, mastodon: MastodonServer, tmp_path: Path) -> dict[str, str]:
    """Settings for both; the token is in a file."""
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    return {
        "SOURCE": "bluesky,mastodon",
        "BLUESKY_HOSTS": jetstream.url,
        "MASTODON_URL": mastodon.url,
        "MASTODON_ACCESS_TOKEN_FILE": "token",
    }


def bluesky_post(number: int) -> dict[str, Any]:
    did = f"did:plc:author{number % 97}"
    return {
        "id": f"bluesky:{did}/post{number}",
        "created_at": "2026-11-20T12:00:00.000Z",
        "author": did,
        "text": f"Beitrag {number} über #Straßen 🚋",
        "tags": TAGS,
        "lang": "de",
        "source": "bluesky",
        "url": f"https://bsky.app/profile/{did}/post/post{number}",
    }


def mastodon_post(number: int) -> dict[str, Any]:
    return {
        "id": f"mastodon:https://two.example/users/ada/statuses/{number}",
        "created_at": "2026-11-20T12:00:00.000Z",
        "author": "ada@two.example",
        "text": f"Beitrag {number} & mehr #Straßen 🚋",
        "tags": TAGS,
        "lang": "de",
        "source": "mastodon",
        "url": f"https://two.example/@ada/{number}",
    }


def mastodon_changes(number: int) -> list[tuple[str, dict[str, Any]]]:
    """Return what the server may report of a post: nothing, or that it was edited or deleted."""
    match number % 5:
        case 0:
            return [("", {}), ("edited", {"text": "geändert #anders"})]
        case 1:
            return [("", {}), ("deleted", {"text": "", "author": None, "url": None})]
        case _:
            return [("", {})]


def by_name(status: dict[str, Any]) -> Sources:
    return {source["name"]: source for source in status["sources"]}


def assert_has_each_once(port: int, number: int, mastodon: MastodonServer) -> None:
    """Check the posts of both platforms, and what became of those that Mastodon says were edited or deleted.

    Args:
        port: Where ingest serves them.
        number: Of each platform.
        mastodon: It reports no change of a post that it did not stream.

    """
    found, counted = posts_and_counts(port)
    posts = {post["id"]: post for post in found}
    assert len(posts) == 2 * number
    for expected in map(bluesky_post, range(number)):
        assert posts.pop(expected["id"]) == expected
    host, changes = mastodon.url.removeprefix("http://"), Counter[str]()
    for each in range(number):
        plain = mastodon_post(each) | {"alias": f"mastodon:{host}/{status_id(each)}"}
        post = posts.pop(plain["id"])
        kind = next((name for name in ("edited", "deleted") if post.pop(f"{name}_ms", None) is not None), "")
        assert (kind, post) in [(name, plain | changed) for name, changed in mastodon_changes(each)]
        changes[kind] += 1
    assert (changes["edited"], changes["deleted"]) == (counted["edited"], counted["deleted"])
    assert changes["edited"] > 0 < changes["deleted"]


def posts_and_counts(port: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return all posts, and the STATUS of Mastodon that counts just their changes.

    A post may have come from the timeline before the stream brings its changes, so they may still come.
    """
    counted = by_name(wait_for(port, lambda _: True))["mastodon"]
    while True:
        before, posts = counted, posts_of(port)
        counted = by_name(wait_for(port, lambda _: True))["mastodon"]
        if all(before[name] == counted[name] for name in ("edited", "deleted")):
            return posts, counted


def test_the_posts_of_two_platforms_are_complete_after_cuts_and_a_kill(
    start: Start, both: dict[str, str], jetstream: JetstreamServer, mastodon: MastodonServer
) -> None:
    jetstream.posts_per_stream = 150
    jetstream.faults = iter(["cut mid-message", "goodbye", "cut mid-character"])
    mastodon.posts_per_stream = 50
    mastodon.missed_per_fault = 30
    mastodon.faults = iter(["cut mid-line", "duplicates", "goodbye"])
    ingest = start(**both)
    port, _ = ingest.ports()
    sources = by_name(wait_for(port, lambda status: status["end"] == 600 and all_live(status)))
    assert {name: source["accepted"] for name, source in sources.items()} == {"bluesky": 300, "mastodon": 300}
    assert sources["bluesky"]["error"].startswith(jetstream.url.removeprefix("ws://"))
    assert sources["mastodon"]["error"].startswith(mastodon.url.removeprefix("http://"))
    # Posts that come twice count as duplicates, and a cut line never counts as a post.
    assert sources["bluesky"]["duplicate"] > 0 < sources["mastodon"]["duplicate"]
    assert_has_each_once(port, 300, mastodon)

    # It is killed while some received posts are not in the spool yet.
    jetstream.events += [event(number) for number in range(300, 700)]
    mastodon.statuses += [status(number) for number in range(300, 700)]
    wait_until(lambda: jetstream.sent > 300 and mastodon.made > 300)
    ingest.end(signal.SIGKILL)
    wait_until(lambda: not jetstream.open.is_set() and not mastodon.open.is_set())
    mastodon.made = 700
    streams, pages = jetstream.connections, len(mastodon.requests_for(TIMELINE))

    ingest = start(**both)
    port, _ = ingest.ports()
    sources = by_name(wait_for_end(port, 1400))
    assert {name: source["accepted"] for name, source in sources.items()} == {"bluesky": 700, "mastodon": 700}
    assert_has_each_once(port, 700, mastodon)
    resumed_at_us = jetstream.cursors[streams]
    assert resumed_at_us is not None
    # Ten seconds (100 posts) before a post that it had.
    assert event(199)["time_us"] <= resumed_at_us <= event(599)["time_us"]
    assert len(mastodon.requests_for(TIMELINE)) > pages
    assert ingest.end(signal.SIGTERM)[0] == 0


def all_live(status: dict[str, Any]) -> bool:
    return all(source["state"] == "live" for source in status["sources"])


@pytest.mark.parametrize("moment", ["connecting", "streaming"])
def test_a_signal_ends_ingest_soon_although_the_servers_are_silent(
    start: Start, both: dict[str, str], jetstream: JetstreamServer, mastodon: MastodonServer, moment: str
) -> None:
    jetstream.faults, mastodon.faults = iter(["silence"]), iter(["silence"])
    if moment == "connecting":
        jetstream.handshake_gate.clear()
        mastodon.gate.clear()
    ingest = start(**both)
    port, _ = ingest.ports()
    if moment == "connecting":
        wait_until(lambda: jetstream.connections and mastodon.requests)
    else:
        wait_for_end(port, 600)
    began = time.monotonic()
    code, _, err = ingest.end(signal.SIGTERM)
    assert time.monotonic() - began < END_SECONDS
    assert (code, "Traceback" in err) == (0, False)


def test_a_platform_that_refuses_us_is_not_retried_and_the_other_one_continues(
    start: Start, both: dict[str, str], jetstream: JetstreamServer, mastodon: MastodonServer, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("n0t-a-t0ken")
    jetstream.posts_per_stream = 150
    jetstream.faults = iter(["goodbye", "cut mid-message", "goodbye"])
    # It would end if all sources were refused, but one is not.
    ingest = start("--end-when-refused", **both, LOG_LEVEL="DEBUG")
    port, _ = ingest.ports()
    wait_for(port, lambda status: by_name(status)["mastodon"]["state"] == "refused")
    # During three retries of the other source, this one could have retried, too.
    sources = by_name(wait_for_end(port, 300))
    host = mastodon.url.removeprefix("http://")
    assert sources["mastodon"]["error"] == (f"{host} answers 401 Invalid access token: check MASTODON_ACCESS_TOKEN")
    assert (sources["mastodon"]["state"], sources["mastodon"]["accepted"]) == ("refused", 0)
    jetstream.events += [event(number) for number in range(300, 400)]
    status = wait_for(port, lambda status: status["end"] == 400 and by_name(status)["bluesky"]["state"] == "live")
    assert by_name(status)["mastodon"] == sources["mastodon"]
    assert len(mastodon.requests_for(STREAM)) == 1
    code, _, err = ingest.end(signal.SIGTERM)
    assert code == 0
    assert f"mastodon: refused, ingest does not retry: {sources['mastodon']['error']}" in err
    assert "n0t-a-t0ken" not in err


def test_a_single_platform_that_refuses_us_ends_ingest_with_its_response(
    start: Start, both: dict[str, str], mastodon: MastodonServer, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("n0t-a-t0ken")
    ingest = start("--end-when-refused", **both | {"SOURCE": "mastodon"}, LOG_LEVEL="DEBUG")
    code, out, err = ingest.end()
    host = mastodon.url.removeprefix("http://")
    sentence = f"ingest: mastodon: {host} answers 401 Invalid access token: check MASTODON_ACCESS_TOKEN\n"
    assert (code, out) == (2, "")
    assert err.endswith(f"\n{sentence}")
    assert err.count("401 Invalid") == 1
    assert "n0t-a-t0ken" not in err
    assert len(mastodon.requests_for(STREAM)) == 1


def test_a_proxy_that_cannot_be_used_refuses_one_source_and_no_other(start: Start) -> None:
    ingest = start(
        SOURCE="bluesky,mastodon,x,demo",
        MASTODON_URL="https://mastodon.example",
        MASTODON_ACCESS_TOKEN="access-token",
        TRACK="worldcup",
        X_BEARER_TOKEN="bearer-token",
        HTTPS_PROXY="socks5h://user:s3cret@127.0.0.1:9",
    )
    port, _ = ingest.ports()
    status = wait_for(port, lambda status: sum(one["state"] == "refused" for one in status["sources"]) == 3)
    said = {one["name"]: one["error"] for one in status["sources"] if one["state"] == "refused"}
    assert set(said) == {"bluesky", "mastodon", "x"}
    for sentence in said.values():
        assert sentence.startswith(
            "HTTPS_PROXY names a socks5h:// proxy, and only http:// and https:// ones can be used"
        )
    assert wait_for(port, lambda status: status["end"] > 0)
    code, _, err = ingest.end(signal.SIGTERM)
    assert code == 0
    assert "Traceback" not in err
    assert "s3cret" not in err
