"""How far a source has come: its cursor and its counts, committed with the posts."""

import msgspec


class Progress(msgspec.Struct):
    """Of one source in its session: where to resume, and what became of its input so far.

    A session is the time from the first start with an input (`identity`) to its end, crashes and restarts included,
    whatever other sources come and go beside it. It began at offset `first` of the log. `malformed` maps a reason to
    the number of inputs dropped for it.
    """

    identity: str | None = None
    first: int = 0
    finished: bool = False
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


def take_up(stored: bytes | None, identity: str | None, end: int, *, keeps_cursor: bool) -> Progress:
    """Return the progress of a source that starts with this input: as it was `stored`, or of a session that begins.

    A session goes on if it was of the same input and that had not come to its end; without an `identity` none does.
    One that begins does so at offset `end`; `keeps_cursor`: with the last cursor of the one that ended.
    """
    last = decode(stored) if stored is not None else Progress()
    if identity is None or last.identity != identity:
        return Progress(identity, end)
    if last.finished:
        return Progress(identity, end, cursor=last.cursor if keeps_cursor else None)
    return last
