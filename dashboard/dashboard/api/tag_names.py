"""Tags in the address of a request."""

from __future__ import annotations

import re

#: Signs before a tag, with characters that show nothing: Japanese keyboards have the second one. A # that begins an
#: emoji is no such sign (`#️⃣`), as in ingest/posts/labels.py.
_signs = re.compile("(?:[\u200b-\u200f\u2060\ufeff]*[#＃﹟](?![\ufe0f\u20e3]))+")


def name_of(text: str) -> str:
    """The tag without the signs before it."""
    signs = _signs.match(text)
    return text[signs.end() :] if signs else text
