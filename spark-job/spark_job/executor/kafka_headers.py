"""The headers of Kafka's messages; see docs/protocol.md, "The log on Kafka".

It runs on executors, so it imports the standard library only.
"""

from collections.abc import Sequence

#: The headers of a message, as the client gives them.
Headers = Sequence[tuple[str, bytes | None]] | None
#: What is between the hashtags of a row.
TAG_SEPARATOR = "\x1f"


def header_of(headers: Headers, wanted: str) -> bytes | None:
    """The first header with this name. None: there is none, or it has no value."""
    if not headers:
        return None
    # It is mostly the first, and a task asks for each message.
    name, value = headers[0]
    return value if name == wanted else next((value for name, value in headers if name == wanted), None)
