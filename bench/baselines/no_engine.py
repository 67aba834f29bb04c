"""D, no engine: one Python process, orjson and `collections.Counter`.

    python -m bench.baselines.no_engine PORT

It receives NDJSON with a post per line. It prints the top 10 of the last five minutes each second, and at the end of
its input. It stores nothing on disk.
"""

import json
import select
import socket
import sys
import time
from collections import Counter

import orjson

PANE_MS = 10_000
PANES = 30
READ_BYTES = 1 << 18
SHOW_SECONDS = 1.0


class Window:
    """Counts of the last panes and their sum."""

    def __init__(self) -> None:
        self._panes: dict[int, Counter[str]] = {}
        self._sum: Counter[str] = Counter()

    def take(self, lines: bytes) -> None:
        """Count whole lines."""
        for line in lines.splitlines():
            post = orjson.loads(line)
            pane = self._panes.setdefault(post["at_ms"] // PANE_MS, Counter())
            for tag in post["tags"]:
                pane[tag["key"]] += 1
                self._sum[tag["key"]] += 1

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
            window.take(lines + newline)
            more, _, _ = select.select([connection], [], [], 0)
            if not more or time.monotonic() > shown_at + SHOW_SECONDS:
                print(json.dumps(window.top()), flush=True)
                shown_at = time.monotonic()


if __name__ == "__main__":
    main(int(sys.argv[1]))
