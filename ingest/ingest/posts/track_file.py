"""`TRACK_FILE`: terms in a file, which is read again when it changes and after a SIGHUP."""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

from ingest.posts import filter as post_filter
from ingest.posts.filter import Term

#: How often the file is checked for changes.
CHECK_SECONDS = 1.0
#: How long `stop` waits for the thread, which may be busy setting the terms of a source at its server.
STOP_SECONDS = 0.5
#: A line that begins with this is a comment. (A line that begins with `#` is a hashtag.)
COMMENT = "//"
#: The largest file.
MAX_BYTES = 2**20
#: The longest sentence about the file: it is in each `STATUS`.
SENTENCE_CHARACTERS = 500

logger = logging.getLogger(__name__)


class TrackError(ValueError):
    """The terms can't be used. The text is one sentence."""


def read(path: Path) -> list[Term]:
    """Return the terms in the file. Each line is written as in `TRACK`; empty lines and comments are skipped.

    Raises:
        TrackError: The file can't be read, or it has no terms. A file without terms is an error because an editor may
            just have emptied it, and no terms would mean every post.

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
    """Watches a file of terms and calls `use` with them when they have changed, or after `request_reload`.

    A file that can't be used leaves the terms as they are; `error` says why, until the file can be used again.
    """

    def __init__(self, path: Path, terms: Sequence[Term], use: Callable[[Sequence[Term]], None]) -> None:
        """Create the watcher; `terms` are in use now, and `use` may raise ValueError for terms that can't be used."""
        self.error: str | None = None
        self._path = path
        self._terms = list(terms)
        self._use = use
        self._signature: object = None
        # True: reload; False: end. The put of a SimpleQueue is safe within a signal handler.
        self._requests: SimpleQueue[bool] = SimpleQueue()
        self._thread = threading.Thread(target=self._watch, name="track file", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._requests.put(False)
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def request_reload(self) -> None:
        """Read the file now, whether it has changed or not. Safe within a signal handler."""
        self._requests.put(True)

    def check(self, *, forced: bool = False) -> None:
        """Read the file if it has changed, or if `forced`."""
        signature = self._read_signature()
        if signature == self._signature and not forced:
            return
        self._signature = signature
        try:
            terms = read(self._path)
            # If forced, also unchanged terms: a source may have failed to set them before.
            if forced or terms != self._terms:
                self._use(terms)
                self._terms = terms
                logger.info("TRACK_FILE: ingest uses the new terms (%d)", len(terms))
            self.error = None
        except ValueError as error:
            self._refuse(str(error), forced=forced)
        except Exception as error:  # noqa: BLE001 - whatever is in the file, it must not end ingest
            self._refuse(f"{self._path} can't be used ({type(error).__name__})", forced=forced)

    def _refuse(self, sentence: str, *, forced: bool) -> None:
        shortened = sentence if len(sentence) <= SENTENCE_CHARACTERS else f"{sentence[:SENTENCE_CHARACTERS]}…"
        if shortened != self.error or forced:
            logger.error("TRACK_FILE: %s; ingest still uses the old terms", shortened)
        self.error = shortened

    def _read_signature(self) -> object:
        """Return a value that differs after each change, also when an editor replaces the file."""
        try:
            facts = self._path.stat()
        except OSError as error:
            return error.errno
        return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns

    def _watch(self) -> None:
        self.check()
        while True:
            try:
                reload_requested = self._requests.get(timeout=CHECK_SECONDS)
            except Empty:
                self.check()
                continue
            if not reload_requested:
                return
            self.check(forced=True)
