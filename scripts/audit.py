"""Compare the counts of the page with the posts in ingest: count the posts of a live system again, pane by pane.

    python scripts/audit.py --ingest 127.0.0.1:9009 --dashboard http://127.0.0.1:8000

It uses only docs/protocol.md: READ of ingest, GET /api/snapshot and /api/history of the dashboard. It compares the
closed panes and the window of the newest snapshot, if ingest still holds all their posts, and the totals, if no post
was removed yet. Exit code 0: no difference; 1: a difference; 2: nothing could be compared.
"""

import argparse
import json
import socket
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BufferedRWPair
from typing import Any

POSTS_PER_READ = 20_000
LEADERS = 50
HISTORY_MS = 86_400_000
# Up to these numbers of a pane, the job counts different authors exactly: tags with an author, and authors.
EXACT_USES, EXACT_AUTHORS = 16_384, 4_096
TIMEOUT_SECONDS = 30.0
# The job counts a deletion so long after ingest has learned of it, at most.
DELETED_SECONDS = 10


class CannotCompareError(Exception):
    """One side does not answer, or has no data yet."""


class Authors:
    """The different authors of each tag, and of all posts, whose tag is None."""

    def __init__(self) -> None:
        """Begin with no posts."""
        self.of: dict[str | None, set[tuple[str, str | int]]] = {}
        self.is_exact = True
        self._uses: set[tuple[str, str | None, tuple[str, str | int]]] = set()

    def add(self, post: dict[str, Any]) -> None:
        """Count one post of the protocol. One without an author has an author of its own.

        A deleted post does not say any more who wrote it.
        """
        self.is_exact = self.is_exact and "deleted_ms" not in post
        name = post.get("author")
        author = (post["source"], post["offset"] if name is None else name)
        for key in (None, *(tag["key"] for tag in post["tags"])):
            self.of.setdefault(key, set()).add(author)
            self._uses.add((post["lang"], key, author))

    def close(self) -> None:
        """Note whether the job can have counted all of it. Call it for a whole pane."""
        without_tag = sum(key is None for _, key, _ in self._uses)
        is_bounded = without_tag <= EXACT_AUTHORS and len(self._uses) - without_tag <= EXACT_USES
        self.is_exact = self.is_exact and is_bounded

    def merge(self, other: "Authors") -> None:
        """Add what `other` counted, which is a pane."""
        other.close()
        self.is_exact = self.is_exact and other.is_exact
        for key, authors in other.of.items():
            self.of.setdefault(key, set()).update(authors)

    def count(self, key: str | None) -> int:
        """How many authors a tag has."""
        return len(self.of.get(key, ()))


class Count:
    """A number of posts, how often each spelling of each tag occurs in them, who wrote them, and which were deleted."""

    def __init__(self) -> None:
        """Begin with no posts."""
        self.posts = 0
        self.spellings: dict[str, Counter[str]] = {}
        self.authors = Authors()
        # When each deleted post was deleted, by tag; None: all of them.
        self.deleted: dict[str | None, list[int]] = {}

    def add(self, post: dict[str, Any], *, authors: bool = False) -> None:
        """Count one post of the protocol, and its author if that is wanted."""
        self.posts += 1
        for tag in post["tags"]:
            self.spellings.setdefault(tag["key"], Counter())[tag["label"]] += 1
        if "deleted_ms" in post:
            for key in (None, *(tag["key"] for tag in post["tags"])):
                self.deleted.setdefault(key, []).append(post["deleted_ms"])
        if authors:
            self.authors.add(post)

    def merge(self, other: "Count") -> None:
        """Add what `other` counted."""
        self.posts += other.posts
        self.authors.merge(other.authors)
        for key, labels in other.spellings.items():
            self.spellings.setdefault(key, Counter()).update(labels)
        for tag, times in other.deleted.items():
            self.deleted.setdefault(tag, []).extend(times)

    def top(self) -> list[tuple[str, int]]:
        """The leading tags and their posts, in the order of the protocol."""
        counts = [(key, labels.total()) for key, labels in self.spellings.items()]
        return sorted(counts, key=lambda tag: (-tag[1], tag[0]))[:LEADERS]

    def label(self, key: str) -> str:
        """The most frequent spelling; of equally frequent ones the first by code point."""
        return min(self.spellings[key].items(), key=lambda item: (-item[1], item[0]))[0]


class Held:
    """The posts that ingest holds before an offset, counted by pane. Panes from `whole_from_ms` on are complete.

    Authors are counted from `authors_from_ms` on.
    """

    def __init__(
        self, address: tuple[str, int], log: str, end: int, pane_ms: int, window_ms: int, authors_from_ms: int
    ) -> None:
        """Read all of them. Raises `CannotCompareError` if ingest serves another log, or fewer posts."""
        self.panes: dict[int, Count] = {}
        self.total = Count()
        self.first = self.end = at_ms = 0
        partial = False
        with socket.create_connection(address, TIMEOUT_SECONDS) as connection, connection.makefile("rwb") as stream:
            while self.end < end:
                header, lines = read(stream, self.end, min(end, self.end + POSTS_PER_READ))
                if header["log"] != log:
                    raise CannotCompareError(f"ingest's log is {header['log']}, and counted was {log}")
                if header["first"] > self.end:  # the front was trimmed, perhaps just now
                    self.panes.clear()
                    self.first = self.end = header["first"]
                    partial = True
                elif not lines:
                    raise CannotCompareError(f"ingest's log ends at {self.end}, and {end} were counted")
                for post in map(json.loads, lines):
                    if post["at_ms"] < at_ms - window_ms:  # the clock was set back: a new epoch
                        self.panes.clear()
                        partial = False
                    at_ms = post["at_ms"]
                    pane = self.panes.setdefault(at_ms - at_ms % pane_ms, Count())
                    pane.add(post, authors=at_ms >= authors_from_ms)
                    self.total.add(post)
                self.end += len(lines)
        self.whole_from_ms = min(self.panes) + pane_ms * partial if self.panes else None

    def between(self, from_ms: int, to_ms: int) -> Count:
        """All posts of the panes that begin in this span."""
        count = Count()
        for start_ms, pane in self.panes.items():
            if from_ms <= start_ms < to_ms:
                count.merge(pane)
        return count


def read(stream: BufferedRWPair, start: int, end: int) -> tuple[dict[str, Any], list[bytes]]:
    """Header and lines of one READ."""
    stream.write(f"READ {start} {end}\n".encode())
    stream.flush()
    line = stream.readline()
    header: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {"error": "hung up"}
    if "error" in header:
        raise CannotCompareError(f"ingest: {header['error']}")
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


def deleted_differences(held: Count, window: dict[str, Any], window_end_ms: int) -> Iterator[str]:
    """The differences between a recount of the deleted posts and the window of a snapshot.

    Posts may be deleted while the log is read. Those that were deleted long before the snapshot must be counted.
    """
    tags = {tag["key"]: tag["taken_back"] for tag in (*window["top"], *window["by_authors"])}
    for key, shown in {None: window["taken_back"], **tags}.items():
        times = held.deleted.get(key, [])
        surely = sum(at_ms <= window_end_ms - DELETED_SECONDS * 1000 for at_ms in times)
        if not surely <= shown <= len(times):
            where = "all posts" if key is None else f"#{key}"
            yield f"{where}: {surely} to {len(times)} deleted posts held, {shown} shown"


def audit(address: tuple[str, int], url: str) -> tuple[list[str], str]:
    """All differences as sentences, and what was compared."""
    snapshot = get(f"{url}/api/snapshot")
    pane_ms, window_ms = snapshot["pane_seconds"] * 1000, snapshot["window_seconds"] * 1000
    window, health = snapshot["window"], snapshot["health"]
    if not (health["ingest"] and health["ingest"]["status"]):
        raise CannotCompareError("the job has not reached ingest yet")
    held = Held(address, health["ingest"]["status"]["log"], health["offset"], pane_ms, window_ms, window["from_ms"])
    if held.whole_from_ms is None:
        raise CannotCompareError("ingest holds no counted post")
    open_ms = window["to_ms"] - window["to_ms"] % pane_ms
    kept = history(url, snapshot["epoch"])
    found: list[str] = []

    def compare(what: str, recount: Count, shown: dict[str, Any] | None, *, labels: bool) -> None:
        if shown is None:
            found.append(f"{what}: not kept by the dashboard, {recount.posts} posts held")
            return
        found.extend(f"{what}: {difference}" for difference in differences(recount, shown, labels=labels))

    starts = range(max(held.whole_from_ms, open_ms - HISTORY_MS + pane_ms), open_ms, pane_ms)
    for start_ms in starts:
        instant = datetime.fromtimestamp(start_ms / 1000, UTC).isoformat(timespec="seconds")
        compare(f"pane {instant}", held.panes.get(start_ms, Count()), kept.get(start_ms), labels=True)
    parts = [f"{len(starts)} closed panes"]
    if held.whole_from_ms <= window["from_ms"] or held.first == 0:
        recount = held.between(window["from_ms"], open_ms + pane_ms)
        compare("window", recount, window, labels=True)
        parts.append("the window")
        # Older jobs count no deleted posts, and no authors.
        if window.get("taken_back") is not None:
            changes = deleted_differences(recount, window, health["ingest"]["status"]["watermark_ms"])
            found.extend(f"window: {difference}" for difference in changes)
            parts.append("its deleted posts")
        if window.get("by_authors") is not None and recount.authors.is_exact:
            found.extend(f"window: {difference}" for difference in author_differences(recount.authors, window))
            parts.append("its authors")
    if held.first == 0 and not snapshot["total"].get("dropped_tags"):
        compare("totals", held.total, snapshot["total"], labels=False)
        parts.append("the totals")
    return found, f"{held.end - held.first} posts, {', '.join(parts)}; {health['lost']} lost before they were counted"


def main() -> int:
    """Compare, and print the differences."""
    parser = argparse.ArgumentParser(description="Recount what ingest holds and compare it with what the page keeps.")
    parser.add_argument("--ingest", default="127.0.0.1:9009", metavar="HOST:PORT")
    parser.add_argument("--dashboard", default="http://127.0.0.1:8000", metavar="URL")
    given = parser.parse_args()
    host, _, port = given.ingest.rpartition(":")
    try:
        found, compared = audit((host.strip("[]"), int(port)), given.dashboard.rstrip("/"))
    except (CannotCompareError, OSError, ValueError) as error:
        print(f"audit: {error}", file=sys.stderr)
        return 2
    print("\n".join([*found, f"compared: {compared}", f"differences: {len(found)}"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
