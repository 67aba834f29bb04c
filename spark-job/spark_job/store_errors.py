"""Remember that the state file could not be written, until what failed is stored."""

import contextlib
import logging
from collections.abc import Callable, Iterator

import duckdb

from spark_job.first_line import first_line
from spark_job.state.file import StateInUseError

logger = logging.getLogger(__name__)

#: What is tried again later: to count a micro-batch, and to find the position from which to count.
MICRO_BATCH, POSITION = "micro-batch", "position"


class StoreErrors:
    """Why the counts can't be stored now: `sentence`, or None while they can. Not thread-safe."""

    def __init__(self) -> None:
        self.sentence: str | None = None
        self._waiting: set[str] = set()

    def recover(self, error: Exception, reopen: Callable[[], None]) -> str:
        """Open the file again after an error, if that is possible.

        Args:
            error: The error of the file.
            reopen: Opens it.

        Returns:
            One sentence that says why nothing can be stored. The first one is logged.

        Raises:
            StateRefusedError: The file is not the job's any more, or of a newer format.

        """
        sentence = self._note(error)
        try:
            reopen()
        except (duckdb.Error, OSError, StateInUseError) as reason:
            # The next request will only say that the file is not open.
            sentence = self._note(reason)
        return sentence

    def _note(self, error: Exception) -> str:
        sentence = f"the counts can't be stored: {first_line(error)[:300]}"
        if self.sentence is None:
            logger.error("%s", sentence)
        self.sentence = sentence
        return sentence

    @contextlib.contextmanager
    def storing(self, what: str) -> Iterator[None]:
        """Remember `what` if an error of the file prevents it. `note_stored` ends that."""
        try:
            yield
        except duckdb.Error:
            self._waiting.add(what)
            raise

    def note_stored(self, what: str) -> None:
        """Note that `what` is stored, or does not need to be any more."""
        if what in self._waiting:
            self._waiting.remove(what)
            self.note_well()

    def note_well(self) -> None:
        """Note that the file can be used. That ends the error, unless something still waits to be stored."""
        if self.sentence is not None and not self._waiting:
            logger.info("counts are stored again")
            self.sentence = None
