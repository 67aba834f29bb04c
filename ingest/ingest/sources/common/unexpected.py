"""Describe unexpected errors in one line for the log."""

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ingest.sources.base import Malformed
from ingest.sources.common.json_line import FormatError

#: The text of an error may quote input of any length.
MAX_CAUSE_CHARACTERS = 500
#: Innermost stack frames that the line names.
MAX_FRAMES = 5

_T = TypeVar("_T")


class UnexpectedError(FormatError):
    """An input made our own code fail: it counts as malformed. `cause` is for the log."""

    def __init__(self, error: Exception) -> None:
        super().__init__("unexpected content")
        self.cause = cause(error)


def cause(error: BaseException) -> str:
    """Return an error and its place as one line of ASCII, because its text may quote foreign input."""
    # The text of some errors can't be made.
    try:
        text = ascii(error)
    except Exception:  # noqa: BLE001 - only the text of an error is lost
        text = type(error).__name__
    return f"{text[:MAX_CAUSE_CHARACTERS]} at {place(error)}"


def place(error: BaseException) -> str:
    """Return the functions that the error passed through, the innermost first, without the text of the error."""
    frames = traceback.extract_tb(error.__traceback__)[-MAX_FRAMES:]
    return ", ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))


def malformed(error: Exception, cursor: str | None) -> Malformed:
    """Return the item for an input that can't be read, for an expected or an unexpected error."""
    if not isinstance(error, FormatError):
        error = UnexpectedError(error)
    return Malformed(str(error), cursor, error.cause if isinstance(error, UnexpectedError) else None)


def read(reader: Callable[[bytes], _T], raw: bytes) -> _T | FormatError:
    """Return what `reader` makes of an input, or why the input is malformed; never raises."""
    try:
        return reader(raw)
    except FormatError as error:
        return error
    except Exception as error:  # noqa: BLE001 - one input must not end its source
        return UnexpectedError(error)
