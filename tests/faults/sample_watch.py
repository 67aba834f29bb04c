"""Looks at the sample posts all the time: a deleted post must go within ten seconds, and never come back."""

import threading
import time
from types import TracebackType
from typing import Self

from tests.faults import contract
from tests.faults.deletion_plan import BUSY_TAGS, QUIET_TAGS
from tests.faults.supervisor import Supervisor

#: What the product promises.
GONE_SECONDS = 10.0
PAUSE_SECONDS = 0.2
JOIN_SECONDS = 30.0


class SampleWatch:
    """A thread that requests the samples of the page and the changes of ingest, until the end of `with`.

    `wrong` has a sentence for each answer with a post whose deletion ingest had stored ten seconds before. `gone` has
    the posts that were shown and then deleted: without any of them, the watch would prove nothing.
    """

    def __init__(self, stack: Supervisor) -> None:
        self.wrong: list[str] = []
        self.gone: set[str] = set()
        self.answers = 0
        self._stack = stack
        self._deleted_at: dict[str, float] = {}
        self._next_change = 0
        self._shown: set[str] = set()
        self._told = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch the samples", daemon=True)

    def more_are_gone(self) -> bool | None:
        """Whether a post that was shown was deleted since the last time that this was true."""
        if len(self.gone) <= self._told:
            return None
        self._told = len(self.gone)
        return True

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(JOIN_SECONDS)

    def _run(self) -> None:
        turn = 0
        while not self._stop.wait(PAUSE_SECONDS):
            self._learn()
            turn += 1
            for key in (*QUIET_TAGS, BUSY_TAGS[turn % len(BUSY_TAGS)]):
                self._look(key)

    def _learn(self) -> None:
        """Which posts are deleted by now."""
        for change in contract.changes(self._stack.ingest_port, self._next_change):
            self._next_change = change["number"] + 1
            self._deleted_at[change["id"]] = time.monotonic()
            if change["id"] in self._shown:
                self.gone.add(change["id"])

    def _look(self, key: str) -> None:
        # The answer is not older than this.
        asked_at = time.monotonic()
        answer = contract.get(f"{self._stack.url}/api/tags/{key}/posts")
        if answer is None:
            return
        self.answers += 1
        for post in answer["posts"]:
            self._shown.add(post["id"])
            late_seconds = asked_at - self._deleted_at.get(post["id"], asked_at)
            if late_seconds > GONE_SECONDS:
                self.wrong.append(f"{post['id']} was shown with #{key} {late_seconds:.1f} s after its deletion")
