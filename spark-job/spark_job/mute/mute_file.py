"""`MUTE_FILE`: muted hashtags in a file, which is read again when it changes."""

import unicodedata
from pathlib import Path

from spark_job.mute.mute_list import ANY, MuteList, fold, without_signs
from spark_job.watched_file import FileRefusedError, WatchedFile, read_text

#: The most tags and patterns in the file.
MAX_ENTRIES = 1000
#: The most characters of a line, the most `*` in one, and the most characters of all patterns together: DuckDB searches
#: for all of them at once, with one expression that has a limit.
MAX_CHARACTERS, MAX_STARS, MAX_PATTERN_CHARACTERS = 200, 8, 65_536


def read(path: Path) -> MuteList:
    """Read the file. Each line is a tag (`#WorldCup` or `worldcup`), or a pattern (`crypto*`).

    Empty lines and comments are skipped.

    Raises:
        FileRefusedError: The file can't be used. A file with nothing but comments mutes nothing.

    """
    text = read_text(path, "mute nothing")
    found = {tag for number, line in enumerate(text.splitlines(), 1) if (tag := _tag(path, number, line))}
    if len(found) > MAX_ENTRIES:
        raise FileRefusedError(f"{path} has more than {MAX_ENTRIES} tags and patterns")
    patterns = {tag for tag in found if ANY in tag}
    if sum(map(len, patterns)) > MAX_PATTERN_CHARACTERS:
        raise FileRefusedError(f"{path} has patterns of more than {MAX_PATTERN_CHARACTERS} characters together")
    return MuteList(tuple(sorted(found - patterns)), tuple(sorted(patterns)))


def _tag(path: Path, number: int, line: str) -> str | None:
    """The folded tag or pattern of a line. None if it has none: a # before a blank, or before nothing, is a comment."""
    line = line.strip()
    tag = without_signs(line)
    if tag != line and not tag[:1].strip():
        return None
    if len(tag) > MAX_CHARACTERS:
        raise FileRefusedError(f"{path}, line {number}: a tag has at most {MAX_CHARACTERS} characters")
    if any(unicodedata.category(character) == "Cc" for character in tag):
        # SQL ends at a NUL.
        raise FileRefusedError(f"{path}, line {number}: a tag has no control characters")
    tag = fold(tag)
    if tag.count(ANY) > MAX_STARS:
        raise FileRefusedError(f"{path}, line {number}: a pattern has at most {MAX_STARS} of {ANY}")
    if tag and not tag.replace(ANY, "").strip():
        raise FileRefusedError(f"{path}, line {number}: a pattern needs a letter, or every tag is muted")
    return tag or None


class MuteFile(WatchedFile[MuteList]):
    """The muted tags of now. A file that can't be used leaves them as they are, and `error` says why."""

    setting, stays = "MUTE_FILE", "the tags that were muted before still are"

    def __init__(self, path: Path | None) -> None:
        """Read the file for the first time. Without a path nothing is ever muted.

        Raises:
            FileRefusedError: It can't be used.

        """
        super().__init__(path, read, MuteList())

    @property
    def muted(self) -> MuteList:
        """The muted tags."""
        return self.content

    @muted.setter
    def muted(self, muted: MuteList) -> None:
        self.content = muted

    def hides(self, key: str) -> bool:
        """Whether a tag is muted now."""
        return self.content.hides(key)

    def describe(self) -> str:
        """How many there are."""
        return f"{len(self.content.keys)} tags and {len(self.content.patterns)} patterns are muted"
