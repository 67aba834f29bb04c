"""E as a contender: Flink in an environment of its own, which reads files from a folder."""

import json
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from bench.baseline import ROOT, ProcessContender
from bench.contender import Top, WrongCountError, is_leading
from bench.first_read import FirstRead
from bench.material import Material
from bench.posts import RUN_POSTS

VENV = ROOT / ".venv-flink"
PYTHON = VENV / "bin" / "python"
PARTITIONS = 2
SLIDE_MS, WINDOW_MS = 10_000, 300_000


def version() -> str | None:
    """The version of PyFlink; `None` if it is not installed."""
    found = [*VENV.glob("lib/python*/site-packages/apache_flink-*.dist-info")] if PYTHON.exists() else []
    return found[0].name.removesuffix(".dist-info").partition("-")[2] if found else None


def why_not() -> str | None:
    """One sentence that says why Flink can't be measured here; `None` if it can."""
    if version() is not None:
        return None
    return (
        "PyFlink is not installed; `make bench` installs it where there is a wheel of it (Linux, Python 3.11 or 3.12)"
    )


class Flink(ProcessContender):
    """`python -m bench.baselines.flink FOLDER`, and the files that come into the folder."""

    def __init__(self, name: str, material: Material) -> None:
        super().__init__(name, "flink", material, PYTHON)
        self._lists: list[Top] = []

    def start(self) -> None:
        """Start the process with an empty folder."""
        self._reads: FirstRead | None = None
        super().start()

    def stop(self) -> None:
        """Kill it."""
        super().stop()
        if self._reads is not None:
            self._reads.__exit__(None, None, None)

    def argument(self, scratch: Path) -> str:
        """The folder."""
        folder = scratch / "posts"
        folder.mkdir()
        self._folder = folder
        return str(folder)

    def feed(self, posts: int) -> float:
        """Put the files with the first `posts` posts into the folder, once: see `partitions`."""
        if self._reads is not None:
            raise RuntimeError("a window that was closed takes no more posts")
        files = partitions(self.material, posts)
        self._reads = FirstRead(files).__enter__()
        for file in files:
            (self._folder / file.name).symlink_to(file)
        return time.monotonic()

    def show(self, top: Top) -> None:
        """Record the list of the next window."""
        self._lists.append([(tag, count) for tag, count in top])
        super().show(top)

    def wait_for(self, posts: int, timeout_seconds: float) -> float:
        """Wait for the window that ends behind the last post. Then check the lists of all windows before it.

        Raises:
            WrongCountError: a list is wrong or did not come in time, or the contender has ended.

        """
        shown_at = super().wait_for(posts, timeout_seconds)
        kind = self.material.kind
        for number, top in enumerate(self._lists, 1):
            if not is_leading(top, self.material.counts(min(posts, number * SLIDE_MS * kind.per_second // 1000))):
                raise WrongCountError(f"the list of window {number} is wrong")
        return shown_at

    @property
    def asked_at(self) -> float:
        """The time at which it first read a file."""
        if self._reads is None or self._reads.at is None:
            raise RuntimeError(f"{self.name} has read no file")
        return self._reads.at


def partitions(material: Material, posts: int) -> Sequence[Path]:
    """Files with the runs of the first `posts` posts in turn, each in the order of time. They are written once.

    Flink shows a window when a post comes whose time is behind its end. So each file ends with such a post, without
    hashtags.
    """
    end_ms = _end_ms(material, posts)
    folder = material.folder / f"partitions-{posts}"
    files = [folder / f"{number}.json" for number in range(PARTITIONS)]
    if not folder.exists():
        unfinished = folder.with_suffix(".unfinished")
        unfinished.mkdir(exist_ok=True)
        _write([unfinished / file.name for file in files], material, posts, end_ms)
        unfinished.rename(folder)
    return files


def _end_ms(material: Material, posts: int) -> int:
    """The end of the first window that holds all of these posts."""
    start_ms, last_ms = material.kind.at_ms(0), material.kind.at_ms(posts - 1)
    end_ms = start_ms + ((last_ms - start_ms) // SLIDE_MS + 1) * SLIDE_MS
    if end_ms - start_ms > WINDOW_MS:
        raise ValueError(f"{posts:,} posts don't fit in one window")
    return end_ms


def _write(files: Sequence[Path], material: Material, posts: int, end_ms: int) -> None:
    outputs = [file.open("wb") for file in files]
    with material.path("posts").open("rb") as lines:
        left = islice(lines, posts)
        runs = iter(lambda: b"".join(islice(left, RUN_POSTS)), b"")
        for number, run in enumerate(runs):
            outputs[number % PARTITIONS].write(run)
    for output in outputs:
        output.write(json.dumps({"at_ms": end_ms, "tags": []}).encode() + b"\n")
        output.close()
