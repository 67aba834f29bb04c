"""Identify a replay file by its content, not by its name or its age."""

import hashlib
import stat
from pathlib import Path
from typing import BinaryIO

from ingest.sources.base import IdentityMatch

#: A file of at most this size is hashed completely; of a larger file, pieces with this total size are hashed.
WHOLE_BYTES = 2**26
#: Size of one piece.
PIECE_BYTES = 2**20


def identity(path: Path) -> str | None:
    """Return the identity of the file at `path`; None for a pipe, which can't be read again."""
    facts = path.stat()
    if not stat.S_ISREG(facts.st_mode):
        return None
    with path.open("rb") as file:
        return f"replay {facts.st_size} {_digest(file, facts.st_size)}"


def compare_identity(known: str, path: Path) -> IdentityMatch:
    """Compare the file at `path` with the one that had the identity `known`."""
    facts = path.stat()
    # Until November 2026 the identity was made of name, size and modification time.
    if known == f"replay {path.resolve()} {facts.st_size} {facts.st_mtime_ns}":
        return "same"
    words = known.split(" ")
    if len(words) != 3 or not words[1].isascii() or not words[1].isdigit():
        return "other"
    size = int(words[1])
    if size > facts.st_size:
        return "other"
    with path.open("rb") as file:
        if _digest(file, size) != words[2]:
            return "other"
    return "same" if size == facts.st_size else "longer"


def _digest(file: BinaryIO, size: int) -> str:
    """Return a hash of the first `size` bytes, or of pieces of them if they are many."""
    hashed = hashlib.blake2b(digest_size=16)
    if size <= WHOLE_BYTES:
        starts = list(range(0, size, PIECE_BYTES))
    else:
        pieces = WHOLE_BYTES // PIECE_BYTES
        starts = [(size - PIECE_BYTES) * number // (pieces - 1) for number in range(pieces)]
    for start in starts:
        file.seek(start)
        hashed.update(file.read(min(PIECE_BYTES, size - start)))
    return hashed.hexdigest()
