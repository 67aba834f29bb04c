"""`TRACK_FILE`: terms in a file, which is read again when it changes and when somebody asks for it."""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

from ingest.posts import filter as post_filter
from ingest.posts.filter import Term

#: How often it is looked whether the file has changed.
LOOK_SECONDS = 1.0
#: How long it may take to end; a source that is being told other terms may wait for its server.
STOP_SECONDS = 0.5
#: A line that begins so is a comment; one that begins with `#` is a hashtag.
COMMENT = "//"
MAX_BYTES = 2**20

logger = logging.getLogger(__name__)


class TrackError(ValueError):
    """Terms that can't be used; one sentence."""


def read(path: Path) -> list[Term]:
    """Return the terms in the file, each line written as in `TRACK`; empty lines and comments have none.

    Raises:
        TrackError: it can't be read, or is no such file. One without a term is none either: an editor may just have
            emptied it, and no term would mean every post.

    """
    try:
        if path.exists() and not path.is_file():
            raise TrackError(f"{path} is not a file")
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1).decode("utf-8-sig")
    except OSError as error:
        raise TrackError(f"{path} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise TrackError(f"{path} is not UTF-8") from error
    if len(text.encode()) > MAX_BYTES:
        raise TrackError(f"{path} is longer than 1 MiB")
    terms = dict.fromkeys(
        term for number, line in enumerate(text.splitlines(), 1) for term in _line(path, number, line)
    )
    if not terms:
        raise TrackError(f"{path} has no terms")
    return list(terms)


def _line(path: Path, number: int, line: str) -> list[Term]:
    if line.lstrip().startswith(COMMENT):
        return []
    try:
        return post_filter.parse(line)
    except ValueError as error:
        raise TrackError(f"{path}, line {number}: {error}") from error


class TrackFile:
    """Watches a file of terms: `use` gets them when they are others than before, or when somebody asks for it.

    A file that can't be used changes nothing but `error`, which says why until there is one that can.
    """

    def __init__(self, path: Path, terms: Sequence[Term], use: Callable[[Sequence[Term]], None]) -> None:
        """`terms` are in force now; `use` may raise ValueError if others can't be."""
        self.error: str | None = None
        self._path = path
        self._terms = list(terms)
        self._use = use
        self._signature: object = None
        # Its put is safe within a signal handler. True: read; False: end.
        self._asked: SimpleQueue[bool] = SimpleQueue()
        self._thread = threading.Thread(target=self._watch, name="track file", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no more."""
        self._asked.put(False)
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def ask(self) -> None:
        """Have the file read now, changed or not; safe within a signal handler."""
        self._asked.put(True)

    def look(self, *, asked: bool = False) -> None:
        """Read the file if it has changed, or if `asked`."""
        signature = self._facts()
        if signature == self._signature and not asked:
            return
        self._signature = signature
        try:
            terms = read(self._path)
            # Asked, also the same ones: a source may have failed to look for them.
            if asked or terms != self._terms:
                self._use(terms)
                self._terms = terms
                logger.info("TRACK_FILE: its terms are in force, %d of them", len(terms))
            self.error = None
        except ValueError as error:
            if str(error) != self.error or asked:
                logger.error("TRACK_FILE: %s; the terms of before stay in force", error)
            self.error = str(error)

    def _facts(self) -> object:
        """What differs after each change; an editor may put another file in its place."""
        try:
            facts = self._path.stat()
        except OSError as error:
            return error.errno
        return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns

    def _watch(self) -> None:
        self.look()
        while True:
            try:
                asked = self._asked.get(timeout=LOOK_SECONDS)
            except Empty:
                self.look()
                continue
            if not asked:
                return
            self.look(asked=True)
