"""A file of the operator that is read again when it changes: as a whole, or not at all."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

#: How often the file is checked for changes.
CHECK_SECONDS = 1.0
#: The largest file.
MAX_BYTES = 1 << 18

Content = TypeVar("Content")

logger = logging.getLogger(__name__)


#: The longest sentence about a file: it is in each snapshot.
SENTENCE_CHARACTERS = 500


class FileRefusedError(ValueError):
    """The file can't be used. The text is one sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence if len(sentence) <= SENTENCE_CHARACTERS else f"{sentence[:SENTENCE_CHARACTERS]}…")


def read_text(path: Path, nothing: str) -> str:
    """The text of the file.

    Args:
        path: The file.
        nothing: What a file with nothing but a comment does, as the end of a sentence.

    Raises:
        FileRefusedError: The file can't be used. An empty file is an error too, because an editor may just have
            emptied it.

    """
    try:
        if path.exists() and not path.is_file():
            raise FileRefusedError(f"{path} is not a file")
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1).decode("utf-8-sig")
    except OSError as error:
        raise FileRefusedError(f"{path} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FileRefusedError(f"{path} is not UTF-8") from error
    if len(text.encode()) > MAX_BYTES:
        raise FileRefusedError(f"{path} is longer than 256 KiB")
    if not text.strip():
        raise FileRefusedError(f"{path} is empty; a comment is enough to {nothing}")
    return text


class WatchedFile(Generic[Content]):
    """What the file says now. A file that can't be used changes nothing, and `error` says why."""

    #: The name of the setting, what stays in use after an error, and what is logged after a change.
    setting: str
    stays: str

    def __init__(self, path: Path | None, read: Callable[[Path], Content], nothing: Content) -> None:
        """Read the file for the first time.

        Args:
            path: The file. Without one it is `nothing` for ever.
            read: Reads it.
            nothing: What no file says.

        Raises:
            FileRefusedError: It can't be used.

        """
        self.error: str | None = None
        self._path = path
        self._read = read
        self._signature = self._read_signature()
        self.content = self._content(path) if path is not None else nothing
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=self.setting, daemon=True)

    def describe(self) -> str:
        """What the file says now, for the log."""
        raise NotImplementedError

    def start(self) -> None:
        """Watch the file in a thread."""
        if self._path is not None:
            self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._stopped.set()

    def check(self) -> None:
        """Read the file if it has changed."""
        signature = self._read_signature()
        if self._path is None or signature == self._signature:
            return
        self._signature = signature
        try:
            content = self._content(self._path)
        except FileRefusedError as error:
            if str(error) != self.error:
                logger.error("%s: %s; %s", self.setting, error, self.stays)
            self.error = str(error)
            return
        self.error = None
        if content != self.content:
            self.content = content
            logger.info("%s: %s", self.setting, self.describe())

    def _content(self, path: Path) -> Content:
        """What the file says. Whatever is in it, it must not end the thread, which would end the job."""
        try:
            return self._read(path)
        except FileRefusedError:
            raise
        except Exception as error:
            raise FileRefusedError(f"{path} can't be used ({type(error).__name__})") from error

    def _read_signature(self) -> object:
        """A value that differs after each change, also when an editor replaces the file."""
        if self._path is None:
            return None
        try:
            facts = self._path.stat()
        except OSError as error:
            return error.errno
        return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns

    def _watch(self) -> None:
        while not self._stopped.wait(CHECK_SECONDS):
            self.check()
