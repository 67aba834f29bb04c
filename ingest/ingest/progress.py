"""How far a source has come: its cursor and its counts, committed with the posts."""

import msgspec


class Progress(msgspec.Struct):
    """Of one source in this session: where to resume, and what became of its input so far.

    `malformed` maps a reason to the number of inputs dropped for it.
    """

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
