"""A source at work: its thread, its state, and what is done when it breaks."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ingest.intake import Intake
from ingest.sources.base import Interrupted, Refused, Source

#: Pauses before another try: doubled from the first to the last, each shortened by up to half, at random.
FIRST_PAUSE_SECONDS = 0.5
LAST_PAUSE_SECONDS = 60.0

State = Literal["starting", "waiting", "live", "retrying", "refused", "finished"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Condition:
    """The state of a source, since when, and its last error; see STATUS in docs/protocol.md."""

    state: State
    since_ms: int
    error: str | None = None


class Feed:
    """One source, feeding the intake from a thread of its own until it is finished, refused or stopped."""

    def __init__(
        self,
        source: Source,
        intake: Intake,
        *,
        now_ms: Callable[[], int],
        random: Callable[[], float],
        stop: threading.Event,
        gate: threading.Event,
        on_end: Callable[[], None],
    ) -> None:
        """`gate` is waited for before the source is opened; `on_end` is called when it is finished or refused."""
        self.name = source.name
        self._source = source
        self._intake = intake
        self._now_ms = now_ms
        self._random = random
        self._stop = stop
        self._gate = gate
        self._on_end = on_end
        self.condition = Condition("starting" if gate.is_set() else "waiting", now_ms())
        self._thread = threading.Thread(target=self._work, name=f"source {self.name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self, timeout_seconds: float) -> None:
        """Wait until the thread has ended, after the stop event was set."""
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def _work(self) -> None:
        self._intake.remember()
        self._gate.wait()
        if self._stop.is_set():
            return
        pauses = 0
        while not self._stop.is_set():
            error: str | None = None
            before = self._intake.cursor(self.name)
            try:
                self._run()
            except Refused as refusal:
                self._enter("refused", str(refusal))
                _log.error("%s: refused: %s", self.name, refusal)
                break
            except Interrupted as interruption:
                error = str(interruption)
            if self._stop.is_set():
                return
            if error is None:
                self._intake.flush()
                self._enter("finished")
                _log.info("%s: finished", self.name)
                break
            pauses = 0 if self._intake.cursor(self.name) != before else pauses
            pause = min(LAST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**pauses) * (1 - self._random() / 2)
            self._enter("retrying", error)
            _log.warning("%s: %s; next try in %.1f s", self.name, error, pause)
            self._stop.wait(pause)
            pauses += 1
        self._on_end()

    def _run(self) -> None:
        self._enter("live")
        take = self._intake.take
        for item in self._source.posts(self._intake.cursor(self.name)):
            if not take(self.name, item):
                break

    def _enter(self, state: State, error: str | None = None) -> None:
        self.condition = Condition(state, self._now_ms(), error or self.condition.error)
