"""A source at work: its thread, its state, and what is done when it breaks."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.intake.intake import Intake
from ingest.log_throttle import Throttle
from ingest.posts.filter import Term
from ingest.sources.base import Interrupted, Item, Paused, Refused, Sighting, Silent, Source
from ingest.sources.common import unexpected

#: Pauses before another try: doubled from the first to the last, each shortened by up to half, at random.
FIRST_PAUSE_SECONDS = 0.5
LAST_PAUSE_SECONDS = 60.0
#: More doublings make no difference, and would be too large for a float one day.
MAX_DOUBLINGS = 30
#: A stream that was live for so long was good: the next pause is the first one again.
GOOD_SECONDS = 60.0
#: A paused source looks at the wall clock this often: somebody may set it.
LOOK_SECONDS = 60.0
#: The same unexpected error is logged this often.
LOG_AGAIN_SECONDS = 60.0

#: Why nothing is taken after a start.
LIMIT_REACHED = "LIMIT was reached before this start: a greater one goes on, and FRESH=1 begins again"

State = Literal["starting", "waiting", "live", "retrying", "paused", "refused", "finished"]

logger = logging.getLogger(__name__)


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
        monotonic: Callable[[], float] = time.monotonic,
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
        self._monotonic = monotonic
        self._throttle = Throttle(LOG_AGAIN_SECONDS, monotonic)
        self._why_finished: str | None = None
        self._tries = 0
        self._live_at: float | None = None
        self._away_since_ms: int | None = None
        # An open stream is not believed after one that was open and brought nothing.
        self._believes_open = True
        source.on_open(self._note_open)
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
        if self.condition.ended:
            return
        try:
            self._source.retrack(terms, languages)
        except Exception as error:  # noqa: BLE001 - one source must not end the others
            self._log_unexpected("retrack", error)

    def facts(self) -> Mapping[str, str | int | float]:
        """Return what the source says of itself."""
        why = {"why_finished": self._why_finished} if self._why_finished else {}
        try:
            return {**self._source.facts(), **why}
        except Exception as error:  # noqa: BLE001 - STATUS is answered without them
            self._log_unexpected("facts", error)
            return {}

    def _work(self) -> None:
        self._intake.remember()
        self._gate.wait()
        if self._intake.progress(self.name).finished:
            self._why_finished = self._source.already_played()
            self._enter("finished", self._why_finished)
            logger.info("%s: finished: %s", self.name, self.condition.error)
        limit_was_reached = self._intake.at_limit
        while not (self._stop.is_set() or self.condition.ended):
            self._try()
        if self._intake.at_limit and not self.condition.ended:
            self._finish(LIMIT_REACHED if limit_was_reached else None)
        if self.condition.ended:
            self._on_end(self)

    def _try(self) -> None:
        self._live_at = None
        try:
            self._run()
        except Refused as refusal:
            self._enter("refused", str(refusal))
        except Interrupted as interruption:
            self._retry(interruption)
        except Paused as pause:
            self._pause(pause)
        else:
            if not self._stop.is_set():
                self._finish()

    def _run(self) -> None:
        """Take what the source yields. Until its stream is open the state stays what it was: starting or retrying."""
        if self.condition.state == "retrying":
            self._enter("retrying", since_ms=self.condition.since_ms)
        else:
            self._enter("starting")
        take = self._intake.take
        for item in self._items():
            if self._live_at is None and isinstance(item, Sighting) and item.from_stream:
                self._enter_live()
            if not take(self.name, item):
                break

    def _items(self) -> Iterator[Item]:
        """Yield what the source yields; an error that nobody expected is an interruption."""
        try:
            yield from self._source.posts(self._intake.cursor(self.name))
        except (Refused, Interrupted, Paused):
            raise
        except Exception as error:
            self._log_unexpected("posts", error)
            raise Interrupted(f"unexpected {type(error).__name__}, the log of ingest has more") from error

    def _log_unexpected(self, where: str, error: Exception) -> None:
        # Not its text, which may quote an address or a header.
        if self._throttle.admits(f"{where} {type(error).__name__}"):
            place = unexpected.place(error)
            logger.error("%s: unexpected %s in %s: %s", self.name, type(error).__name__, where, place)

    def _note_open(self) -> None:
        if self._believes_open and self._live_at is None:
            self._enter_live()

    def _enter_live(self) -> None:
        self._live_at = self._monotonic()
        self._believes_open = True
        self._enter("live")

    def _finish(self, why: str | None = None) -> None:
        self._intake.finish(self.name)
        self._why_finished = why
        self._enter("finished", why)
        logger.info("%s: finished%s", self.name, f": {why}" if why else "")

    def _retry(self, interruption: Interrupted) -> None:
        """Stay away for a while that grows with each try in vain, and at least for as long as we were asked to.

        A stream that broke soon after it had opened was a try in vain, too.
        """
        if self._live_at is not None and self._monotonic() - self._live_at >= GOOD_SECONDS:
            self._tries, self._away_since_ms = 0, None
        self._believes_open = self._believes_open and not isinstance(interruption, Silent)
        backoff = min(LAST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(self._tries, MAX_DOUBLINGS))
        seconds = max(backoff * (1 - self._random() / 2), interruption.wait_seconds)
        self._tries += 1
        if self._stop.is_set():
            return
        if self._away_since_ms is None:
            self._away_since_ms = self._now_ms()
        until_ms = self._now_ms() + round(seconds * 1000)
        self._enter("retrying", str(interruption), until_ms, since_ms=self._away_since_ms)
        logger.warning("%s: %s; next try in %.1f s", self.name, interruption, seconds)
        self._stop.wait(seconds)

    def _pause(self, pause: Paused) -> None:
        """Wait until the wall clock says it is time, or the time that it took when we began to wait has passed."""
        self._tries, self._away_since_ms = 0, None
        if self._stop.is_set():
            return
        self._enter("paused", str(pause), pause.until_ms)
        seconds = max(FIRST_PAUSE_SECONDS, (pause.until_ms - self._now_ms()) / 1000)
        logger.warning("%s: %s; it goes on in %.0f s", self.name, pause, seconds)
        while not self._stop.wait(min(seconds, LOOK_SECONDS)):
            seconds -= LOOK_SECONDS
            if seconds <= 0 or self._now_ms() >= pause.until_ms:
                return

    def _enter(
        self, state: State, error: str | None = None, until_ms: int | None = None, *, since_ms: int | None = None
    ) -> None:
        """Change the state; `since_ms`: it began earlier than now."""
        began_ms = self._now_ms() if since_ms is None else since_ms
        self.condition = Condition(state, began_ms, error or self.condition.error, until_ms)
