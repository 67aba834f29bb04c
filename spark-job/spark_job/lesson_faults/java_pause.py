"""Stop Spark's Java for some seconds."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING

from spark_job.lesson_faults import stopper

if TYPE_CHECKING:
    # Python 3.10 has no such name, and images of Spark have Python 3.10.
    from typing import Self

#: How long the program that stops Java may take to end, once it was told to.
END_SECONDS = 5.0


class JavaPause:
    """While it is entered, Java stands still, at most for the given seconds.

    Another program stops and continues Java. It continues it at once when this process ends, however that happens: a
    Java that stands still would outlive the job.
    """

    def __init__(self, java: int, seconds: float) -> None:
        self._java = java
        self._seconds = seconds
        self._stopper: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Self":
        command = [sys.executable, "-I", "-S", stopper.__file__, str(self._java), str(self._seconds)]
        self._stopper = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603
        return self

    @property
    def is_over(self) -> bool:
        """Whether Java goes on."""
        return self._stopper is None or self._stopper.poll() is not None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let Java go on, and wait until it does."""
        if self._stopper is None:
            return
        try:
            self._stopper.communicate(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            self._stopper.kill()
            self._stopper.wait()
        # If that program was killed.
        if self._stopper.returncode:
            with suppress(ProcessLookupError):
                os.kill(self._java, signal.SIGCONT)
