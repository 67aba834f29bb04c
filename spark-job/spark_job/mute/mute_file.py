"""`MUTE_FILE`: muted hashtags in a file, which is read again when it changes."""

import logging
import threading
from pathlib import Path

from spark_job.mute.mute_list import ANY, MuteList, fold

#: How often the file is checked for changes.
CHECK_SECONDS = 1.0
#: The largest file, and the most tags and patterns in it.
MAX_BYTES, MAX_ENTRIES = 1 << 18, 1000
#: A tag may begin with one of these. A line in which a blank follows, or nothing, is a comment.
SIGNS = ("#", "＃")

logger = logging.getLogger(__name__)


class MuteError(ValueError):
    """The file can't be used. The text is one sentence."""


def read(path: Path) -> MuteList:
    """Read the file. Each line is a tag (`#WorldCup` or `worldcup`), or a pattern (`crypto*`).

    Empty lines and comments are skipped.

    Raises:
        MuteError: The file can't be used. An empty file is an error too, because an editor may just have emptied it. A
            file with nothing but comments mutes nothing.

    """
    try:
        if path.exists() and not path.is_file():
            raise MuteError(f"{path} is not a file")
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1).decode("utf-8-sig")
    except OSError as error:
        raise MuteError(f"{path} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise MuteError(f"{path} is not UTF-8") from error
    if len(text.encode()) > MAX_BYTES:
        raise MuteError(f"{path} is longer than 256 KiB")
    if not text.strip():
        raise MuteError(f"{path} is empty; a comment is enough to mute nothing")
    found = {tag for number, line in enumerate(text.splitlines(), 1) if (tag := _tag(path, number, line))}
    if len(found) > MAX_ENTRIES:
        raise MuteError(f"{path} has more than {MAX_ENTRIES} tags and patterns")
    patterns = {tag for tag in found if ANY in tag}
    return MuteList(tuple(sorted(found - patterns)), tuple(sorted(patterns)))


def _tag(path: Path, number: int, line: str) -> str | None:
    """The folded tag or pattern of a line. None if it has none."""
    tag = line.strip()
    if tag.startswith(SIGNS):
        tag = tag[1:]
        if not tag or tag[0].isspace():
            return None
    tag = fold(tag)
    if tag and not tag.replace(ANY, "").strip():
        raise MuteError(f"{path}, line {number}: a pattern needs a letter, or every tag is muted")
    return tag or None


class MuteFile:
    """The muted tags of now. A file that can't be used leaves them as they are, and `error` says why."""

    def __init__(self, path: Path | None) -> None:
        """Read the file for the first time. Without a path nothing is ever muted.

        Raises:
            MuteError: It can't be used.

        """
        self.error: str | None = None
        self._path = path
        self._signature = self._read_signature()
        self.muted = read(path) if path is not None else MuteList()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="mute file", daemon=True)

    def hides(self, key: str) -> bool:
        """Whether a tag is muted now."""
        return self.muted.hides(key)

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
            muted = read(self._path)
        except MuteError as error:
            if str(error) != self.error:
                logger.error("MUTE_FILE: %s; the tags that were muted before still are", error)
            self.error = str(error)
            return
        self.error = None
        if muted != self.muted:
            self.muted = muted
            logger.info("MUTE_FILE: %d tags and %d patterns are muted", len(muted.keys), len(muted.patterns))

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
