"""The progress of a source: its cursor and its counts, committed together with its posts."""

import msgspec

from ingest.sources.base import Source


class Progress(msgspec.Struct, kw_only=True):
    """Progress of one source in its session: where to resume, and how its inputs were counted so far.

    A session begins with the first start with an input (`identity`) and lasts until that input ends. Crashes and
    restarts do not end it, nor does a change of the other sources. The session began at offset `first` of the log.
    `malformed` maps a reason to the number of inputs (or tags of posts) that were dropped for it.
    """

    identity: str | None = None
    first: int = 0
    finished: bool = False
    #: The input came to its end. False if only the session ended, at LIMIT.
    at_end: bool = False
    cursor: str | None = None
    accepted: int = 0
    duplicate: int = 0
    filtered: int = 0
    malformed: dict[str, int] = {}
    #: Posts that were deleted or edited, and how often a deletion or an edit was of a post that is not stored.
    deleted: int = 0
    edited: int = 0
    not_stored: int = 0

    def encode(self) -> bytes:
        """Return the bytes to store."""
        return _encoder.encode(self)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Progress)


def decode(stored: bytes) -> Progress:
    """Return the progress that was stored as these bytes."""
    return _decoder.decode(stored)


def mark_finished(stored: bytes) -> bytes:
    """Return stored progress with its session marked as finished."""
    return msgspec.structs.replace(decode(stored), finished=True).encode()


def resume(stored: bytes | None, source: Source, end: int, *, fresh: bool = False) -> Progress:
    """Return the progress of a source that starts now: the stored one, or that of a new session.

    A session goes on if its input is the same and has not come to its end. A source without an `identity` always
    begins a new session. A source that plays its input once (`plays_once`) goes on after the end, too: with the lines
    that were added to the input, or with nothing.

    Args:
        stored: Progress of the last session of this source; None if there was none.
        source: The source that starts.
        end: Offset of the next post of the log, where a new session begins.
        fresh: Begin a new session in any case.

    """
    identity = source.identity
    last = decode(stored) if stored is not None else Progress()
    if identity is None or last.identity is None:
        return Progress(identity=identity, first=end)
    match = source.compare_identity(last.identity)
    if match == "other":
        return Progress(identity=identity, first=end)
    if source.plays_once and not fresh:
        played = match == "same" and last.finished and last.at_end
        return msgspec.structs.replace(last, identity=identity, finished=played, at_end=played)
    if last.finished:
        cursor = last.cursor if source.cursor_outlives_session else None
        return Progress(identity=identity, first=end, cursor=cursor)
    return last
