"""Run a source: its thread, its state, and its retries after errors."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.intake.intake import Intake
from ingest.log_throttle import LogThrottle
from ingest.posts.filter import Term
from ingest.sources.base import Block, Interrupted, NewPost, Paused, Refused, Silent, Source
from ingest.sources.common import unexpected

#: Pauses before a retry: doubled from the first to the last, each shortened by up to half at random.
FIRST_PAUSE_SECONDS = 0.5
LAST_PAUSE_SECONDS = 60.0
#: More doublings make no difference, and would overflow a float one day.
MAX_DOUBLINGS = 30
#: After a stream was live for this long, the next pause is FIRST_PAUSE_SECONDS again.
GOOD_SECONDS = 60.0
#: A paused source reads the wall clock this often, because somebody may set it.
WALL_CLOCK_CHECK_SECONDS = 60.0
#: The same unexpected error is logged this often.
LOG_AGAIN_SECONDS = 60.0

#: Error of a source that does not start.
LIMIT_REACHED = "LIMIT was reached before this start: set a greater LIMIT to go on, or FRESH=1 to begin again"

StateName = Literal["starting", "waiting", "live", "retrying", "paused", "refused", "finished"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SourceState:
    """State of a source, when it began, when it will end, and the last error; see STATUS in docs/protocol.md."""

    name: StateName
    since_ms: int
    error: str | None = None
    until_ms: int | None = None

    @property
    def ended(self) -> bool:
        """Whether the state is final."""
        return self.name in {"refused", "finished"}


class SourceRunner:
    """Runs one source in its own thread and passes its items to the intake, until the source ends or is stopped."""

    def __init__(
        self,
        source: Source,
        intake: Intake,
        *,
        wall_ms: Callable[[], int],
        random: Callable[[], float],
        stop: threading.Event,
        may_start: threading.Event,
        on_end: Callable[["SourceRunner"], None],
        monotonic_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Create the runner; `start` starts its thread.

        Args:
            source: The source to run.
            intake: Accepts the items.
            wall_ms: Wall clock, milliseconds since 1970 UTC.
            random: Returns a random number from 0 to below 1, for the length of pauses.
            stop: Ends the thread; the source is finished then if the intake is at its limit.
            may_start: The source is opened when this event is set.
            on_end: Called when the source is finished or refused.
            monotonic_seconds: Monotonic clock.

        """
        self.name = source.name
        self._source = source
        self._intake = intake
        self._wall_ms = wall_ms
        self._random = random
        self._stop = stop
        self._may_start = may_start
        self._on_end = on_end
        self._monotonic_seconds = monotonic_seconds
        self._throttle = LogThrottle(LOG_AGAIN_SECONDS, monotonic_seconds)
        self._why_finished: str | None = None
        self._tries = 0
        self._live_at_seconds: float | None = None
        self._retrying_since_ms: int | None = None
        # False after a stream that was open and brought no post: then only a post makes the source live.
        self._trusts_open = True
        source.on_open(self._on_open)
        self.state = SourceState("starting" if may_start.is_set() else "waiting", wall_ms())
        self._thread = threading.Thread(target=self._work, name=f"source {self.name}", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def join(self, timeout_seconds: float) -> None:
        """Wait until the thread has ended; set the stop event before."""
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def set_terms(self, terms: Sequence[Term], languages: Sequence[str]) -> None:
        """Give the source new terms, unless it has ended."""
        if self.state.ended:
            return
        try:
            self._source.set_terms(terms, languages)
        except Exception as error:  # noqa: BLE001 - one source must not end the others
            self._log_unexpected("set_terms", error)

    @property
    def own_terms(self) -> list[str]:
        """The terms that the source uses in place of `TRACK` and `LANGUAGES`; empty if it uses those."""
        return self._source.own_terms()

    def facts(self) -> Mapping[str, str | int | float]:
        """Return the facts that the source reports for STATUS."""
        why = {"why_finished": self._why_finished} if self._why_finished else {}
        try:
            return {**self._source.facts(), **why}
        except Exception as error:  # noqa: BLE001 - STATUS is sent without them
            self._log_unexpected("facts", error)
            return {}

    def _work(self) -> None:
        self._intake.load_known_ids()
        self._may_start.wait()
        if self._intake.progress(self.name).finished:
            self._why_finished = self._source.already_played_message()
            self._enter("finished", self._why_finished)
            logger.info("%s: finished: %s", self.name, self.state.error)
        limit_was_reached = self._intake.at_limit
        while not (self._stop.is_set() or self.state.ended):
            self._run_once()
        if self._intake.at_limit and not self.state.ended:
            self._finish(LIMIT_REACHED if limit_was_reached else None)
        if self.state.ended:
            self._on_end(self)

    def _run_once(self) -> None:
        self._live_at_seconds = None
        try:
            self._stream()
        except Refused as refusal:
            self._enter("refused", str(refusal))
        except Interrupted as interruption:
            self._retry(interruption)
        except Paused as pause:
            self._pause(pause)
        else:
            if not self._stop.is_set():
                self._finish()

    def _stream(self) -> None:
        """Pass the items to the intake. Until the stream is open, the state stays starting or retrying."""
        if self.state.name == "retrying":
            self._enter("retrying", since_ms=self.state.since_ms)
        else:
            self._enter("starting")
        for block in self._blocks():
            if self._live_at_seconds is None and any(isinstance(item, NewPost) and item.from_stream for item in block):
                self._enter_live()
            if not self._intake.accept_block(self.name, block):
                break

    def _blocks(self) -> Iterator[Block]:
        """Yield the items of the source; an unexpected error becomes an interruption."""
        try:
            yield from self._source.blocks(self._intake.cursor(self.name))
        except (Refused, Interrupted, Paused):
            raise
        except Exception as error:
            self._log_unexpected("posts", error)
            raise Interrupted(f"unexpected {type(error).__name__}, see the log of ingest") from error

    def _log_unexpected(self, where: str, error: Exception) -> None:
        # Without the text of the error, which may quote an address or a header.
        if self._throttle.allows(f"{where} {type(error).__name__}"):
            place = unexpected.place(error)
            logger.error("%s: unexpected %s in %s: %s", self.name, type(error).__name__, where, place)

    def _on_open(self) -> None:
        if self._trusts_open and self._live_at_seconds is None:
            self._enter_live()

    def _enter_live(self) -> None:
        self._live_at_seconds = self._monotonic_seconds()
        self._trusts_open = True
        self._enter("live")

    def _finish(self, why: str | None = None) -> None:
        self._intake.finish(self.name)
        self._why_finished = why
        self._enter("finished", why)
        logger.info("%s: finished%s", self.name, f": {why}" if why else "")

    def _retry(self, interruption: Interrupted) -> None:
        """Wait before the next try: longer after each failure, and at least as long as the server requested.

        A stream that broke soon after it had opened counts as a failure, too.
        """
        if self._live_at_seconds is not None and self._monotonic_seconds() - self._live_at_seconds >= GOOD_SECONDS:
            self._tries, self._retrying_since_ms = 0, None
        self._trusts_open = self._trusts_open and not isinstance(interruption, Silent)
        backoff = min(LAST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(self._tries, MAX_DOUBLINGS))
        seconds = max(backoff * (1 - self._random() / 2), interruption.wait_seconds)
        self._tries += 1
        if self._stop.is_set():
            return
        if self._retrying_since_ms is None:
            self._retrying_since_ms = self._wall_ms()
        until_ms = self._wall_ms() + round(seconds * 1000)
        self._enter("retrying", str(interruption), until_ms, since_ms=self._retrying_since_ms)
        logger.warning("%s: %s; retry in %.1f s", self.name, interruption, seconds)
        self._stop.wait(seconds)

    def _pause(self, pause: Paused) -> None:
        """Wait until the wall clock reaches the end of the pause, or its length (by the monotonic clock) has passed."""
        self._tries, self._retrying_since_ms = 0, None
        if self._stop.is_set():
            return
        self._enter("paused", str(pause), pause.until_ms)
        seconds = max(FIRST_PAUSE_SECONDS, (pause.until_ms - self._wall_ms()) / 1000)
        logger.warning("%s: %s; the source continues in %.0f s", self.name, pause, seconds)
        while not self._stop.wait(min(seconds, WALL_CLOCK_CHECK_SECONDS)):
            seconds -= WALL_CLOCK_CHECK_SECONDS
            if seconds <= 0 or self._wall_ms() >= pause.until_ms:
                return

    def _enter(
        self, name: StateName, error: str | None = None, until_ms: int | None = None, *, since_ms: int | None = None
    ) -> None:
        """Change the state.

        Args:
            name: The new state.
            error: The new error; None leaves the last one.
            until_ms: When the state is expected to end, by the wall clock.
            since_ms: When the state began; None: now.

        """
        began_ms = self._wall_ms() if since_ms is None else since_ms
        self.state = SourceState(name, began_ms, error or self.state.error, until_ms)
