"""D with plain posts: one Python process that finds the hashtags itself: orjson, a pattern, `collections.Counter`.

    python -m bench.baselines.plain_posts PORT

It receives NDJSON with a post per line, without times and hashtags. It prints the top 10 of the posts that came in the
last five minutes each second, and at the end of its input. It stores nothing on disk.
"""

import json
import re
import select
import socket
import sys
import time
from collections import Counter

import orjson

PANE_SECONDS = 10
PANES = 30
READ_BYTES = 1 << 18
SHOW_SECONDS = 1.0
HASHTAG = re.compile(r"#(\w+)")


class Window:
    """Counts of the last panes and their sum."""

    def __init__(self) -> None:
        self._panes: dict[int, Counter[str]] = {}
        self._sum: Counter[str] = Counter()

    def take(self, lines: bytes, pane: int) -> None:
        """Count whole lines that came in a pane. A hashtag counts once in a post."""
        counts = self._panes.setdefault(pane, Counter())
        for line in lines.splitlines():
            hashtags = {hashtag.lower() for hashtag in HASHTAG.findall(orjson.loads(line)["text"])}
            counts.update(hashtags)
            self._sum.update(hashtags)

    def top(self) -> list[tuple[str, int]]:
        """The leading 10. Panes that are too old are removed."""
        for old in [pane for pane in self._panes if pane <= max(self._panes) - PANES]:
            self._sum.subtract(self._panes.pop(old))
        return self._sum.most_common(10)


def main(port: int) -> None:
    """Count until the server closes the connection."""
    window, rest, shown_at = Window(), b"", time.monotonic()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        while data := connection.recv(READ_BYTES):
            lines, newline, rest = (rest + data).rpartition(b"\n")
            window.take(lines + newline, int(time.monotonic() // PANE_SECONDS))
            more, _, _ = select.select([connection], [], [], 0)
            if not more or time.monotonic() > shown_at + SHOW_SECONDS:
                print(json.dumps(window.top()), flush=True)
                shown_at = time.monotonic()


if __name__ == "__main__":
    main(int(sys.argv[1]))
