"""The file `.env`, from which settings are read: why it can't be used."""

import io
from pathlib import Path

from dotenv.parser import parse_stream

from ingest.settings_names import why_unknown


def fault(path: Path) -> str | None:
    """Return why the file can't be read, or that it sets what no program reads, as one sentence; else None."""
    try:
        text = path.read_text("utf-8-sig", "replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"{path} can't be read: {error.strerror}"
    for binding in parse_stream(io.StringIO(text)):
        if binding.error or "\ufffd" in binding.original.string:
            return f"{path}: line {binding.original.line} must be NAME=value, in UTF-8"
        if binding.key and (unknown := why_unknown(binding.key)):
            return unknown
    return None
