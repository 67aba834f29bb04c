"""Compare the counts of the page with the posts of the log: count the posts of a live system again, pane by pane.

    python scripts/audit.py --ingest 127.0.0.1:9009 --dashboard http://127.0.0.1:8000
    python scripts/audit.py --log kafka://127.0.0.1:9092/posts --dashboard http://127.0.0.1:8000

It uses only docs/protocol.md: READ of ingest or the topic, GET /api/snapshot and /api/history of the dashboard. It
compares the closed panes and the window of a snapshot, if the log still holds all their posts, and the totals, if no
post was removed yet. Exit code 0: no difference; 1: a difference; 2: nothing could be compared.
"""

import argparse
import http.client
import json
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BufferedRWPair
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))

from scripts.audit_counts import Authors, Count, Held

POSTS_PER_READ, CHANGES_PER_READ = 20_000, 10_000
HISTORY_MS = 86_400_000
TIMEOUT_SECONDS = 30.0


class CannotCompareError(Exception):
    """One side does not answer, or has no data yet."""


def held_by_ingest(address: tuple[str, int], snapshot: dict[str, Any]) -> Held:
    """Read all posts of the snapshot. Raises `CannotCompareError` if ingest serves another log, or fewer posts."""
    if not (snapshot["health"]["ingest"] and snapshot["health"]["ingest"]["status"]):
        raise CannotCompareError("the job has not reached ingest yet")
    log, end = snapshot["health"]["ingest"]["status"]["log"], snapshot["health"]["offset"]
    held = Held(snapshot)
    first = at = at_ms = 0
    partial = False
    with socket.create_connection(address, TIMEOUT_SECONDS) as connection, connection.makefile("rwb") as stream:
        while at < end:
            header, lines = read(stream, f"READ {at} {min(end, at + POSTS_PER_READ)}", log)
            if header["first"] > at:  # the front was trimmed, perhaps just now
                held.panes.clear()
                first = at = header["first"]
                partial = True
            elif not lines:
                raise CannotCompareError(f"ingest's log ends at {at}, and {end} were counted")
            for post in map(json.loads, lines):
                if post["at_ms"] < at_ms - held.window_ms:  # the clock was set back: a new epoch
                    held.panes.clear()
                    partial = False
                at_ms = post["at_ms"]
                held.add(post)
            at += len(lines)
        # A post that is deleted from now on is held as one that is not deleted.
        held.deleted_later = deleted_later(stream, snapshot["health"].get("next_change"), log)
    held.posts, held.is_whole = at - first, first == 0
    held.whole_from_ms = min(held.panes) + held.pane_ms * partial if held.panes else None
    return held


def held_by_kafka(log: str, group: str, url: str) -> tuple[dict[str, Any], Held]:
    """A snapshot, and all posts that it counts. Raises `TopicError`."""
    from scripts.audit_topic import Topic  # noqa: PLC0415 - only here is a client of Kafka needed

    topic = Topic(log, group)
    snapshot, positions = topic.match(lambda: get(f"{url}/api/snapshot"))
    held, trimmed = Held(snapshot), {number for number, first in topic.firsts.items() if first}
    for post in topic.posts(positions):
        held.add(post)
        if post["offset"][0] in trimmed:
            # A pane is complete if it began after the first post that each partition still has.
            trimmed.remove(post["offset"][0])
            held.whole_from_ms = max(
                held.whole_from_ms or 0, post["at_ms"] - post["at_ms"] % held.pane_ms + held.pane_ms
            )
    held.posts, held.is_whole = held.total.posts, not any(topic.firsts.values())
    if held.is_whole and held.panes:
        held.whole_from_ms = min(held.panes)
    return snapshot, held


def deleted_later(stream: BufferedRWPair, next_change: int | None, log: str) -> set[int] | None:
    """The offsets of the posts that were deleted by the changes from `next_change` on. None: that is not known."""
    if next_change is None:
        return None
    offsets: set[int] = set()
    while True:
        header, lines = read(stream, f"CHANGES {next_change} {next_change + CHANGES_PER_READ}", log)
        if header["first"] > next_change:
            return None
        if not lines:
            return offsets
        changes = [json.loads(line) for line in lines]
        offsets.update(change["offset"] for change in changes if change["kind"] == "deleted")
        next_change += len(lines)


def read(stream: BufferedRWPair, request: str, log: str) -> tuple[dict[str, Any], list[bytes]]:
    """Header and lines of one response of ingest. Raises `CannotCompareError` if it serves another log."""
    stream.write(f"{request}\n".encode())
    stream.flush()
    line = stream.readline()
    header: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {"error": "hung up"}
    if "error" in header:
        raise CannotCompareError(f"ingest: {header['error']}")
    if header["log"] != log:
        raise CannotCompareError(f"ingest's log is {header['log']}, and counted was {log}")
    body = stream.read(header["bytes"])
    if len(body) < header["bytes"]:
        raise CannotCompareError("ingest closed the connection in the middle of an answer")
    return header, body.splitlines()


def get(url: str) -> dict[str, Any]:
    """A JSON object of the dashboard."""
    # Without a proxy, like the connection to ingest.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(url, timeout=TIMEOUT_SECONDS) as answer:
        return dict(json.load(answer))


def history(url: str, epoch: int) -> dict[int, dict[str, Any]]:
    """The closed panes of `epoch` that the dashboard stores, by their start."""
    panes: dict[int, dict[str, Any]] = {}
    from_ms: int | None = 0
    while from_ms is not None:
        page = get(f"{url}/api/history?from_ms={from_ms}")
        panes |= {pane["from_ms"]: pane for pane in page["panes"] if pane["epoch"] == epoch}
        from_ms = page["next_from_ms"]
    return panes


def differences(held: Count, shown: dict[str, Any], *, labels: bool) -> Iterator[str]:
    """The differences between a recount and an object that has `posts` and `top`."""
    if held.posts != shown["posts"]:
        yield f"posts: {held.posts} held, {shown['posts']} shown"
    ours, theirs = dict(held.top()), {tag["key"]: tag["posts"] for tag in shown["top"]}
    for key in sorted(ours.keys() | theirs.keys()):
        if ours.get(key) != theirs.get(key):
            yield f"#{key}: {ours.get(key, 0)} held, {theirs.get(key, 0)} shown"
    if list(ours) != list(theirs) and ours == theirs:
        yield "the order of the tags"
    for tag in shown["top"]:
        if labels and tag["key"] in held.spellings and tag["label"] != held.label(tag["key"]):
            yield f"#{tag['key']}: spelled {tag['label']}, not {held.label(tag['key'])}"


def author_differences(held: Authors, window: dict[str, Any]) -> Iterator[str]:
    """The differences between a recount of authors and the window of a snapshot."""
    if held.count(None) != window["authors"]:
        yield f"authors: {held.count(None)} held, {window['authors']} shown"
    for tag in {tag["key"]: tag for tag in (*window["top"], *window["by_authors"])}.values():
        if held.count(tag["key"]) != tag["authors"]:
            yield f"#{tag['key']}: {held.count(tag['key'])} authors held, {tag['authors']} shown"


def deleted_differences(held: Count, window: dict[str, Any], later: set[int]) -> Iterator[str]:
    """The differences between a recount of the deleted posts and the window of a snapshot.

    `later`: posts that were deleted by changes that the snapshot does not count yet.
    """
    tags = {tag["key"]: tag["taken_back"] for tag in (*window["top"], *window["by_authors"])}
    for key, shown in {None: window["taken_back"], **tags}.items():
        deleted = len(held.deleted.get(key, set()) - later)
        if deleted != shown:
            where = "all posts" if key is None else f"#{key}"
            yield f"{where}: {deleted} deleted posts held, {shown} shown"


def audit(snapshot: dict[str, Any], held: Held, url: str) -> tuple[list[str], str]:
    """All differences as sentences, and what was compared."""
    pane_ms, window, health = held.pane_ms, snapshot["window"], snapshot["health"]
    if held.whole_from_ms is None:
        raise CannotCompareError("the log holds no counted post")
    # Posts of a topic that came after their pane had closed were counted in another one.
    by_time = not health.get("late")
    open_ms = window["to_ms"] - window["to_ms"] % pane_ms
    kept = history(url, snapshot["epoch"])
    found: list[str] = []

    def compare(what: str, recount: Count, shown: dict[str, Any] | None, *, labels: bool) -> None:
        if shown is None:
            found.append(f"{what}: not kept by the dashboard, {recount.posts} posts held")
            return
        found.extend(f"{what}: {difference}" for difference in differences(recount, shown, labels=labels))

    starts = range(max(held.whole_from_ms, open_ms - HISTORY_MS + pane_ms), open_ms, pane_ms) if by_time else range(0)
    for start_ms in starts:
        instant = datetime.fromtimestamp(start_ms / 1000, UTC).isoformat(timespec="seconds")
        compare(f"pane {instant}", held.panes.get(start_ms, Count()), kept.get(start_ms), labels=True)
    parts = [f"{len(starts)} closed panes"]
    if by_time and (held.whole_from_ms <= window["from_ms"] or held.is_whole):
        recount = held.between(window["from_ms"], open_ms + pane_ms)
        compare("window", recount, window, labels=True)
        parts.append("the window")
        # Older jobs count no deleted posts, and no authors.
        if window.get("taken_back") is not None and held.deleted_later is not None:
            found.extend(
                f"window: {difference}" for difference in deleted_differences(recount, window, held.deleted_later)
            )
            parts.append("its deleted posts")
        if window.get("by_authors") is not None and recount.authors.is_exact:
            found.extend(f"window: {difference}" for difference in author_differences(recount.authors, window))
            parts.append("its authors")
    if held.is_whole and not snapshot["total"].get("dropped_tags"):
        compare("totals", held.total, snapshot["total"], labels=False)
        parts.append("the totals")
    return found, f"{held.posts} posts, {', '.join(parts)}; {health['lost']} lost before they were counted"


def main() -> int:
    """Compare, and print the differences."""
    parser = argparse.ArgumentParser(description="Recount what ingest holds and compare it with what the page keeps.")
    parser.add_argument("--ingest", default="127.0.0.1:9009", metavar="HOST:PORT")
    parser.add_argument("--log", default="", metavar="URL", help="kafka://host:port/topic, if the log is on Kafka")
    parser.add_argument("--group", default="hashtags-live", metavar="NAME", help="KAFKA_CLIENT_ID of the job")
    parser.add_argument("--dashboard", default="http://127.0.0.1:8000", metavar="URL")
    given = parser.parse_args()
    host, _, port = given.ingest.rpartition(":")
    url = given.dashboard.rstrip("/")
    try:
        if given.log:
            snapshot, held = held_by_kafka(given.log, given.group, url)
        else:
            snapshot = get(f"{url}/api/snapshot")
            held = held_by_ingest((host.strip("[]"), int(port)), snapshot)
        found, compared = audit(snapshot, held, url)
    except (CannotCompareError, OSError, http.client.HTTPException, ValueError) as error:
        print(f"audit: {error}", file=sys.stderr)
        return 2
    print("\n".join([*found, f"compared: {compared}", f"differences: {len(found)}"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
