"""The hash of a tag. Large tables are searched by it, because keys are their widest column."""

import hashlib

#: In SQL, of the column `key`.
HASH = "md5_number_lower(key)"


def hash_of(key: str) -> int:
    """The same as `HASH` in SQL, for one key."""
    return int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest()[8:], "little")
