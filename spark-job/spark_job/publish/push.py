"""Snapshots to the dashboard: newest wins, and counting never waits for it."""

import logging
import random
import threading
import time
from collections.abc import Callable

import msgspec
import urllib3

from spark_job.executor.printable import printable
from spark_job.publish.budget import fit
from spark_job.snapshot_schema import MAX_PANES, Snapshot

logger = logging.getLogger(__name__)

MIN_PAUSE_SECONDS = 0.25
MAX_PAUSE_SECONDS = 5.0
TIMEOUT_SECONDS = 5.0
#: What a snapshot may have (the share of its budget, and how many panes) while none is refused for its content, after
#: one refusal, and after more: one that is refused for good must not keep the page from being live.
SIZES = ((1.0, MAX_PANES), (0.25, 1), (0.0625, 1), (0.0625, 0))
TOO_LARGE_OR_WRONG = {400, 413}
#: So many small ones in a row that were taken, and a larger one is tried again.
TAKEN_UNTIL_LARGER = 60
COMPLAIN_AGAIN_SECONDS = 60.0

#: What names a closed pane: its epoch, from_ms and posts.
PaneName = tuple[int, int, int]


class PushRefusedError(Exception):
    """The dashboard answered, but did not take the snapshot."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(f"{status} {sentence}")
        self.status = status


class Answer(msgspec.Struct):
    """The dashboard's 200."""

    accepted: bool
    kept_until_ms: int | None


class Pusher:
    """A thread that posts the newest snapshot given to `offer`, and repeats it until it is taken or replaced."""

    def __init__(
        self,
        url: str,
        token: str,
        rand: Callable[[], float] = random.random,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._monotonic = monotonic
        self._size = 0
        self._taken_in_a_row = 0
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._rand = rand
        self._pool = urllib3.PoolManager(num_pools=1, retries=False, timeout=TIMEOUT_SECONDS)
        self._changed = threading.Condition()
        self._newest: Snapshot | None = None
        self._stopped = False
        self._complaint: str | None = None
        self._complained_at = 0.0
        self._thread: threading.Thread | None = None

    def start(self, on_panes_stored: Callable[[list[PaneName]], None]) -> None:
        """Begin to push; `on_panes_stored` is called with the closed panes that the dashboard keeps."""
        self._thread = threading.Thread(target=self._run, args=(on_panes_stored,), name="push", daemon=True)
        self._thread.start()

    def offer(self, snapshot: Snapshot) -> None:
        """Push this one next; one that still waits is forgotten."""
        with self._changed:
            self._newest = snapshot
            self._changed.notify()

    def stop(self, timeout_seconds: float = 2.0) -> None:
        """End the thread; a snapshot under way is given `timeout_seconds`."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout_seconds)

    def _run(self, on_panes_stored: Callable[[list[PaneName]], None]) -> None:
        pause_seconds = MIN_PAUSE_SECONDS
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self._newest is not None)
                if self._stopped:
                    return
                snapshot, self._newest = self._newest, None
            assert snapshot is not None  # noqa: S101 - waited for above
            share, most_panes = SIZES[self._size]
            kept = self._push(fit(snapshot, share, most_panes) if self._size else snapshot)
            if kept is not None:
                pause_seconds = MIN_PAUSE_SECONDS
                on_panes_stored(kept)
                continue
            with self._changed:
                if self._newest is None:
                    self._newest = snapshot
                if self._changed.wait_for(lambda: self._stopped, pause_seconds * (0.5 + self._rand())):
                    return
            pause_seconds = min(MAX_PAUSE_SECONDS, pause_seconds * 2)

    def _push(self, snapshot: Snapshot) -> list[PaneName] | None:
        """The panes that are kept now, or `None` when the snapshot wasn't taken."""
        try:
            answer = self._post(snapshot)
        except (urllib3.exceptions.HTTPError, PushRefusedError, msgspec.DecodeError) as error:
            self._complain(error)
            return None
        self._note_taken()
        until_ms = answer.kept_until_ms or 0
        return [(pane.epoch, pane.from_ms, pane.posts) for pane in snapshot.panes if pane.to_ms <= until_ms]

    def _post(self, snapshot: Snapshot) -> Answer:
        body = msgspec.json.encode(snapshot)
        response = self._pool.request("POST", self._url, body=body, headers=self._headers)
        if response.status != 200:
            raise PushRefusedError(response.status, printable(response.data[:1000].decode(errors="replace"), 300))
        return msgspec.json.decode(response.data, type=Answer)

    def _note_taken(self) -> None:
        if self._complaint is not None:
            logger.info("the dashboard takes snapshots again")
            self._complaint = None
        self._taken_in_a_row += 1
        if self._size and self._taken_in_a_row >= TAKEN_UNTIL_LARGER:
            self._size, self._taken_in_a_row = self._size - 1, 0

    def _complain(self, error: Exception) -> None:
        """Log why a snapshot was not taken: each new reason, and once a minute the one that stays."""
        sentence = f"{type(error).__name__}: {printable(error)}"
        if self._complaint != sentence or self._monotonic() - self._complained_at >= COMPLAIN_AGAIN_SECONDS:
            logger.warning("the dashboard does not take snapshots, trying on: %s", sentence)
            self._complaint, self._complained_at = sentence, self._monotonic()
        self._taken_in_a_row = 0
        if isinstance(error, PushRefusedError) and error.status in TOO_LARGE_OR_WRONG:
            self._size = min(self._size + 1, len(SIZES) - 1)
