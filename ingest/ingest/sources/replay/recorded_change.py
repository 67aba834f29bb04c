"""Decode a line of a recording that says that a post was deleted or edited; see docs/protocol.md, "Recording"."""

import msgspec

from ingest.sources.base import ChangedPost
from ingest.sources.common import json_line
from ingest.sources.common.json_line import FormatError
from ingest.sources.replay.timed import TimedChange, valid_ms


class _Deleted(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    deleted: str
    at_ms: int | None = None


class _Edited(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    edited: str
    text: str
    at_ms: int | None = None


_deleted = msgspec.json.Decoder(_Deleted)
_edited = msgspec.json.Decoder(_Edited)


def read(line: bytes) -> TimedChange | None:
    """Return the change of a line; None if the line is something else."""
    try:
        if b'"deleted"' in line:
            deletion = json_line.decode(line, _deleted)
            return TimedChange(ChangedPost("deleted", deletion.deleted), valid_ms(deletion.at_ms))
        if b'"edited"' in line:
            edit = json_line.decode(line, _edited)
            return TimedChange(ChangedPost("edited", edit.edited, edit.text), valid_ms(edit.at_ms))
    except FormatError:
        # Some objects of platforms have such a field, and others beside it.
        return None
    return None
