"""A source at work: its thread, its state, and what is done when it breaks."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.filter import Term
from ingest.intake import Intake
from ingest.sources.base import Interrupted, Paused, Refused, Source

#: Pauses before another try: doubled from the first to the last, each shortened by up to half, at random.
FIRST_PAUSE_SECONDS = 0.5
LAST_PAUSE_SECONDS = 60.0
#: A paused source looks at the wall clock this often: somebody may set it.
LOOK_SECONDS = 60.0

State = Literal["starting", "waiting", "live", "retrying", "paused", "refused", "finished"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Condition:
    """The state of a source, since when, until when, and its last error; see STATUS in docs/protocol.md."""

    state: State
    since_ms: int
    error: str | None = None
    until_ms: int | None = None

    @property
    def ended(self) -> bool:
        """Whether it stays as it is."""
        return self.state in {"refused", "finished"}


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
        on_end: Callable[["Feed"], None],
    ) -> None:
        """`gate` is waited for before the source is opened; `on_end` is called when it is finished or refused.

        `stop` ends its work; that finishes it if the intake is at its limit.
        """
        self.name = source.name
        self._source = source
        self._intake = intake
        self._now_ms = now_ms
        self._random = random
        self._stop = stop
        self._gate = gate
        self._on_end = on_end
        self._tries = 0
        self.condition = Condition("starting" if gate.is_set() else "waiting", now_ms())
        self._thread = threading.Thread(target=self._work, name=f"source {self.name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self, timeout_seconds: float) -> None:
        """Wait until the thread has ended, after the stop event was set."""
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def retrack(self, terms: Sequence[Term], languages: Sequence[str]) -> None:
        """Hand the source other terms; one that has ended is left alone."""
        if not self.condition.ended:
            self._source.retrack(terms, languages)

    def facts(self) -> Mapping[str, str | int | float]:
        """Return what the source says of itself."""
        return self._source.facts()

    def _work(self) -> None:
        self._intake.remember()
        self._gate.wait()
        while not (self._stop.is_set() or self.condition.ended):
            self._try()
        if self._intake.at_limit and not self.condition.ended:
            self._finish()
        if self.condition.ended:
            self._on_end(self)

    def _try(self) -> None:
        before = self._intake.cursor(self.name)
        try:
            self._run()
        except Refused as refusal:
            self._enter("refused", str(refusal))
        except Interrupted as interruption:
            self._tries = 0 if self._intake.cursor(self.name) != before else self._tries
            self._retry(interruption)
        except Paused as pause:
            self._pause(pause)
        else:
            if not self._stop.is_set():
                self._finish()

    def _run(self) -> None:
        self._enter("live")
        take = self._intake.take
        for item in self._source.posts(self._intake.cursor(self.name)):
            if not take(self.name, item):
                break

    def _finish(self) -> None:
        self._intake.finish(self.name)
        self._enter("finished")
        _log.info("%s: finished", self.name)

    def _retry(self, interruption: Interrupted) -> None:
        """Stay away for a while that grows with each try in vain, and at least for as long as we were asked to."""
        backoff = min(LAST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**self._tries) * (1 - self._random() / 2)
        seconds = max(backoff, interruption.wait_seconds)
        self._tries += 1
        if self._stop.is_set():
            return
        self._enter("retrying", str(interruption), self._now_ms() + round(seconds * 1000))
        _log.warning("%s: %s; next try in %.1f s", self.name, interruption, seconds)
        self._stop.wait(seconds)

    def _pause(self, pause: Paused) -> None:
        """Wait until the wall clock says it is time, or the time that it took when we began to wait has passed."""
        self._tries = 0
        if self._stop.is_set():
            return
        self._enter("paused", str(pause), pause.until_ms)
        seconds = max(FIRST_PAUSE_SECONDS, (pause.until_ms - self._now_ms()) / 1000)
        _log.warning("%s: %s; it goes on in %.0f s", self.name, pause, seconds)
        while not self._stop.wait(min(seconds, LOOK_SECONDS)):
            seconds -= LOOK_SECONDS
            if seconds <= 0 or self._now_ms() >= pause.until_ms:
                return

    def _enter(self, state: State, error: str | None = None, until_ms: int | None = None) -> None:
        self.condition = Condition(state, self._now_ms(), error or self.condition.error, until_ms)
