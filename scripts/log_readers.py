"""Readers of the log as a class has them: loops that read each post by READ, or one Spark query of `hashtags.spark`.

    python scripts/log_readers.py loops PORT COUNT
    python scripts/log_readers.py spark PORT

They print `ready`, and begin at the end of the log. A line with an offset on standard input says where to end. Then
each reader reads up to there, and a line of JSON says what all of them have read.
"""

import argparse
import json
import os
import random
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "notebooks"))

from pyspark.sql import DataFrame  # noqa: E402
from pyspark.sql import functions as F  # noqa: E402, N812 - as everybody writes it

import hashtags.spark  # noqa: E402
from hashtags.spark import Log  # noqa: E402

HOST = "127.0.0.1"
#: A loop reads what is new, and waits for this long.
PAUSE_SECONDS = 1.0
POSTS_PER_READ = 10_000
SPARK_TRIGGER = "2 seconds"


class Reading(msgspec.Struct):
    """What a reader got: `posts` posts, where `end - first` exist; `gaps` were missing between two answers."""

    first: int
    end: int
    posts: int = 0
    gaps: int = 0

    @property
    def whole(self) -> bool:
        """Whether the reader got every post once."""
        return self.gaps == 0 and self.posts == self.end - self.first


class End:
    """The offset at which readers end, as soon as it is known. Thread-safe."""

    def __init__(self) -> None:
        self._known = threading.Event()
        self._offset = 0

    def set(self, offset: int) -> None:
        """Say where to end."""
        self._offset = offset
        self._known.set()

    def wait(self, seconds: float) -> bool:
        """Wait until the end is known, at most for this long."""
        return self._known.wait(seconds)

    def reached(self, offset: int) -> bool:
        """Whether a reader that has read up to `offset` has ended."""
        return self._known.is_set() and offset >= self._offset


def follow(log: Log, start: int, end: End, pause: Callable[[], object]) -> Reading:
    """Read each post from `start` on, with a pause after each request."""
    reading = Reading(start, start)
    while not end.reached(reading.end):
        found = log.read(reading.end, reading.end + POSTS_PER_READ)
        reading.gaps += found.first - reading.end
        reading.posts += len(found.lines)
        reading.end = found.first + len(found.lines)
        if found.lines and json.loads(found.lines[-1])["offset"] != reading.end - 1:
            reading.gaps += 1
        pause()
    return reading


def read_by_loops(port: int, count: int, end: End) -> list[Reading]:
    """Start loops that begin within a second; returns what they have read when all have ended."""
    readings: list[Reading] = []

    def run() -> None:
        with Log(HOST, port) as log:
            threading.Event().wait(random.uniform(0, PAUSE_SECONDS))  # noqa: S311 - no secret
            readings.append(follow(log, log.status()["end"], end, lambda: end.wait(PAUSE_SECONDS)))

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    for thread in threads:
        thread.join()
    return readings


def read_by_spark(port: int, end: End) -> list[Reading]:
    """Start a Spark and a query that counts posts; returns what it has read."""
    spark = hashtags.spark.start("reader")
    hashtags.spark.register(spark)
    reading: list[Reading] = []

    def note(batch: DataFrame, _: int) -> None:
        row = batch.agg(F.count("*"), F.min("offset"), F.max("offset")).first()
        if row is None or not row[0]:
            return
        if not reading:
            reading.append(Reading(row[1], row[1]))
        reading[0].gaps += row[1] - reading[0].end
        reading[0].posts += row[0]
        reading[0].end = row[2] + 1

    posts = spark.readStream.format("hashtags").option("host", HOST).option("port", port).load()
    query = posts.writeStream.foreachBatch(note).trigger(processingTime=SPARK_TRIGGER).start()
    while not reading:
        query.awaitTermination(1)
    print("ready", flush=True)
    while not end.reached(reading[0].end):
        query.awaitTermination(1)
    hashtags.spark.stop(spark)
    return reading


def main() -> None:
    """Read until the end that standard input names."""
    parser = argparse.ArgumentParser(description="Readers of the log.")
    parser.add_argument("kind", choices=["loops", "spark"])
    parser.add_argument("port", type=int)
    parser.add_argument("count", type=int, nargs="?", default=1)
    given = parser.parse_args()
    # In a class they run on other computers. Here they take what the services leave of the cores. Linux compares nice
    # values within a session only, so the session has one too.
    os.nice(19)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text("19")
    end = End()
    threading.Thread(target=lambda: end.set(int(sys.stdin.readline() or 0)), daemon=True).start()
    readings = read_by_spark(given.port, end) if given.kind == "spark" else read_by_loops(given.port, given.count, end)
    print(json.dumps([{"posts": each.posts, "whole": each.whole, "end": each.end} for each in readings]), flush=True)


if __name__ == "__main__":
    main()
