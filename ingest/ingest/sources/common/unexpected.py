"""Errors that nobody foresaw, as one line for the log."""

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ingest.sources.base import Malformed
from ingest.sources.common.json_line import FormatError

#: A foreign text in an error may be of any length.
MAX_CAUSE_CHARACTERS = 500
MAX_FRAMES = 5

_T = TypeVar("_T")


class UnexpectedError(FormatError):
    """An input that made our own code fail: it is malformed, and `cause` is for the log."""

    def __init__(self, error: Exception) -> None:
        super().__init__("unexpected content")
        self.cause = cause(error)


def cause(error: BaseException) -> str:
    """Return what reading an input raised and where, as one line of ASCII: the text may be that of a stranger."""
    # There are errors whose text can't be made.
    try:
        said = ascii(error)
    except Exception:  # noqa: BLE001 - it is the text of an error only
        said = type(error).__name__
    return f"{said[:MAX_CAUSE_CHARACTERS]} at {place(error)}"


def place(error: BaseException) -> str:
    """Return the functions that the error came through, the innermost first; nothing of its text."""
    frames = traceback.extract_tb(error.__traceback__)[-MAX_FRAMES:]
    return ", ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))


def malformed(error: Exception, cursor: str | None) -> Malformed:
    """Return the item for an input that can't be read: foreseen, or not."""
    if not isinstance(error, FormatError):
        error = UnexpectedError(error)
    return Malformed(str(error), cursor, error.cause if isinstance(error, UnexpectedError) else None)


def read(reader: Callable[[bytes], _T], raw: bytes) -> _T | FormatError:
    """Return what `reader` makes of an input, or why it is malformed; no input makes it raise."""
    try:
        return reader(raw)
    except FormatError as error:
        return error
    except Exception as error:  # noqa: BLE001 - one input must not end its source
        return UnexpectedError(error)
