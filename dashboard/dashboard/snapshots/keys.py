"""Keys of tags: the form in which all spellings of a tag are equal."""

from __future__ import annotations

import re
import unicodedata

#: Unicode's Default_Ignorable_Code_Point, as in ingest/posts/labels.py.
_ignorable = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)


def fold(text: str) -> str:
    """The key of a tag that is written so: Unicode's NFKC_Casefold (docs/protocol.md, "Post")."""
    text = _ignorable.sub("", text)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
