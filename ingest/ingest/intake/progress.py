"""How far a source has come: its cursor and its counts, committed with the posts."""

import msgspec

from ingest.sources.base import Source


class Progress(msgspec.Struct):
    """Of one source in its session: where to resume, and what became of its input so far.

    A session is the time from the first start with an input (`identity`) to its end, crashes and restarts included,
    whatever other sources come and go beside it. It began at offset `first` of the log. `malformed` maps a reason to
    the number of inputs dropped for it.
    """

    identity: str | None = None
    first: int = 0
    finished: bool = False
    #: The input came to its end, and not only the session (at LIMIT).
    at_end: bool = False
    cursor: str | None = None
    accepted: int = 0
    duplicate: int = 0
    filtered: int = 0
    malformed: dict[str, int] = {}

    def encode(self) -> bytes:
        """Return the bytes to store."""
        return _encoder.encode(self)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Progress)


def decode(stored: bytes) -> Progress:
    """Return the progress that was stored as these bytes."""
    return _decoder.decode(stored)


def ended(stored: bytes) -> bytes:
    """Return what is stored of a session that has come to its end."""
    return msgspec.structs.replace(decode(stored), finished=True).encode()


def take_up(stored: bytes | None, source: Source, end: int, *, anew: bool = False) -> Progress:
    """Return the progress of a source that starts now: as it was `stored`, or of a session that begins.

    A session goes on if it was of the same input and that had not come to its end; without an `identity` none does.
    One that begins does so at offset `end`, of a source that keeps its cursor with the last one. An input that is
    played once goes on after its end, too: with what was added to it, or not at all; unless all is to begin `anew`.
    """
    identity = source.identity
    last = decode(stored) if stored is not None else Progress()
    if identity is None or last.identity is None:
        return Progress(identity, end)
    sameness = source.sameness(last.identity)
    if sameness == "other":
        return Progress(identity, end)
    if source.plays_once and not anew:
        played = sameness == "same" and last.finished and last.at_end
        return msgspec.structs.replace(last, identity=identity, finished=played, at_end=played)
    if last.finished:
        return Progress(identity, end, cursor=last.cursor if source.keeps_cursor else None)
    return last
