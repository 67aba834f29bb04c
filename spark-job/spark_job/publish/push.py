"""Push snapshots to the dashboard in a thread. Only the newest one is pushed, and counting never waits for it."""

import logging
import random
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import msgspec
import urllib3
from msgspec import UNSET

from spark_job.executor.printable import printable
from spark_job.panel_schema import Samples
from spark_job.publish.budget import fit
from spark_job.snapshot_schema import MAX_PANES, Snapshot

logger = logging.getLogger(__name__)

MIN_PAUSE_SECONDS = 0.25
MAX_PAUSE_SECONDS = 5.0
TIMEOUT_SECONDS = 5.0
#: The share of the size limit and the most panes: before a snapshot was refused for its content, after one refusal, and
#: after more. So a snapshot that is always refused does not stop the page.
SIZES = ((1.0, MAX_PANES), (0.25, 1), (0.0625, 1), (0.0625, 0))
#: HTTP statuses with which the dashboard refuses a snapshot for its content.
CONTENT_REFUSALS = {400, 413}
#: After this many accepted small snapshots in a row, a larger one is tried.
ACCEPTED_UNTIL_LARGER = 60
REPEAT_WARNING_SECONDS = 60.0

#: Identifies a closed pane: its epoch, from_ms and posts.
PaneName = tuple[int, int, int]


class PushRefusedError(Exception):
    """The dashboard refused the snapshot."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(f"{status} {sentence}")
        self.status = status


class Answer(msgspec.Struct):
    """The dashboard's 200. Older dashboards don't send the last two.

    `needs_samples`: it has no samples of this epoch; `alerts_kept`: the ids of the alerts that it has stored.
    """

    accepted: bool
    kept_until_ms: int | None
    needs_samples: bool = False
    alerts_kept: list[str] | None = None


#: Is called with the samples of a snapshot that arrived (None if it had none), and whether they are needed again.
OnSamples = Callable[[Samples | None, bool], None]


class Pusher:
    """A thread that posts the newest snapshot, and retries until it is accepted or a newer one replaces it."""

    def __init__(
        self,
        url: str,
        token: str,
        rand: Callable[[], float] = random.random,
        monotonic_seconds: Callable[[], float] = time.monotonic,
        on_samples: OnSamples = lambda _, __: None,
        watch: Callable[[Snapshot], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        """`watch`: is entered for each push of a snapshot."""
        self._url = url
        self._monotonic_seconds = monotonic_seconds
        self._on_samples = on_samples
        self._watch = watch
        self._size = 0
        self._accepted_in_a_row = 0
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._rand = rand
        self._pool = urllib3.PoolManager(num_pools=1, retries=False, timeout=TIMEOUT_SECONDS)
        self._changed = threading.Condition()
        self._newest: Snapshot | None = None
        self._stopped = False
        self._failure: str | None = None
        self._warned_at = 0.0
        self._thread: threading.Thread | None = None

    def start(
        self,
        on_panes_stored: Callable[[list[PaneName]], None],
        on_alerts_stored: Callable[[list[str]], None] = lambda _: None,
    ) -> None:
        """Start the thread. It calls both with what the dashboard has stored: closed panes, and the ids of alerts."""
        self._on_alerts_stored = on_alerts_stored
        self._thread = threading.Thread(target=self._run, args=(on_panes_stored,), name="push", daemon=True)
        self._thread.start()

    def offer(self, snapshot: Snapshot) -> None:
        """Push this snapshot next. It replaces one that still waits."""
        with self._changed:
            self._newest = snapshot
            self._changed.notify()

    def stop(self, timeout_seconds: float = 2.0) -> None:
        """End the thread. A push in progress has `timeout_seconds` to finish."""
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
            stored = self._push(fit(snapshot, share, most_panes) if self._size else snapshot)
            if stored is not None:
                pause_seconds = MIN_PAUSE_SECONDS
                on_panes_stored(stored)
                continue
            with self._changed:
                if self._newest is None:
                    self._newest = snapshot
                if self._changed.wait_for(lambda: self._stopped, pause_seconds * (0.5 + self._rand())):
                    return
            pause_seconds = min(MAX_PAUSE_SECONDS, pause_seconds * 2)

    def _push(self, snapshot: Snapshot) -> list[PaneName] | None:
        """Push once. Return the panes that the dashboard has stored, or `None` if the push failed."""
        try:
            with self._watch(snapshot):
                answer = self._post(snapshot)
        except (urllib3.exceptions.HTTPError, PushRefusedError, msgspec.DecodeError) as error:
            self._note_failure(error)
            return None
        self._note_accepted()
        self._on_samples(None if snapshot.samples is UNSET else snapshot.samples, answer.needs_samples)
        if snapshot.alerts is not UNSET and answer.alerts_kept:
            self._on_alerts_stored([*{alert.id for alert in snapshot.alerts}.intersection(answer.alerts_kept)])
        until_ms = answer.kept_until_ms or 0
        return [(pane.epoch, pane.from_ms, pane.posts) for pane in snapshot.panes if pane.to_ms <= until_ms]

    def _post(self, snapshot: Snapshot) -> Answer:
        body = msgspec.json.encode(snapshot)
        response = self._pool.request("POST", self._url, body=body, headers=self._headers)
        if response.status != 200:
            raise PushRefusedError(response.status, printable(response.data[:1000].decode(errors="replace"), 300))
        return msgspec.json.decode(response.data, type=Answer)

    def _note_accepted(self) -> None:
        if self._failure is not None:
            logger.info("the dashboard accepts snapshots again")
            self._failure = None
        self._accepted_in_a_row += 1
        if self._size and self._accepted_in_a_row >= ACCEPTED_UNTIL_LARGER:
            self._size, self._accepted_in_a_row = self._size - 1, 0

    def _note_failure(self, error: Exception) -> None:
        """Log why a push failed: each new reason at once, and a reason that stays once a minute."""
        sentence = f"{type(error).__name__}: {printable(error)}"
        if self._failure != sentence or self._monotonic_seconds() - self._warned_at >= REPEAT_WARNING_SECONDS:
            logger.warning("the dashboard does not accept snapshots; retrying: %s", sentence)
            self._failure, self._warned_at = sentence, self._monotonic_seconds()
        self._accepted_in_a_row = 0
        if isinstance(error, PushRefusedError) and error.status in CONTENT_REFUSALS:
            self._size = min(self._size + 1, len(SIZES) - 1)
