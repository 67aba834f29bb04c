"""Read the description of a Mastodon server: where it streams, and who may see its live feeds."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

import msgspec

from ingest.sources.common import address, json_line
from ingest.sources.common.json_line import FormatError

_STREAMING = "/api/v1/streaming"
_anything = msgspec.json.Decoder()

LiveFeed = Literal["local", "remote"]


class Stream(NamedTuple):
    """A public stream: its path below the streaming API, and the parameters of the timeline with the same posts."""

    path: str
    timeline: Mapping[str, str]
    #: The feed that the server does not show us, if there is one.
    closed: LiveFeed | None = None


BOTH = Stream("public", MappingProxyType({}))
_LOCAL = Stream("public/local", MappingProxyType({"local": "true"}), "remote")
_REMOTE = Stream("public/remote", MappingProxyType({"remote": "true"}), "local")


class Instance(NamedTuple):
    """The parts of `/api/v2/instance` that we use; a part that is missing or of an unknown form is ""."""

    streaming: str = ""
    local: str = ""
    remote: str = ""

    def stream(self, *, has_token: bool) -> Stream | None:
        """Return the stream with all posts that the server shows us; None if it shows none."""
        local, remote = (self._is_open(access, has_token) for access in (self.local, self.remote))
        if local and remote:
            return BOTH
        if local:
            return _LOCAL
        return _REMOTE if remote else None

    @property
    def is_switched_off(self) -> bool:
        """Whether both live feeds are switched off for everybody."""
        return self.local == self.remote == "disabled"

    @staticmethod
    def _is_open(access: str, has_token: bool) -> bool:
        return access != "disabled" and (has_token or access != "authenticated")


def read(body: bytes) -> Instance:
    """Return the description in a response; parts of unknown shape are ""."""
    try:
        described = json_line.decode(body, _anything)
    except FormatError:
        return Instance()
    feeds = ("configuration", "timelines_access", "live_feeds")
    return Instance(
        streaming=_text(described, "configuration", "urls", "streaming"),
        local=_text(described, *feeds, "local"),
        remote=_text(described, *feeds, "remote"),
    )


def streaming_base(server_url: str, streaming: str) -> str:
    """Return the base address of the streams: often on a separate host, which the server names in `streaming`."""
    parts = address.split(streaming)
    if parts is None or parts.scheme not in {"ws", "wss", "http", "https"}:
        return f"{server_url}{_STREAMING}"
    # The token must not be sent over a plain connection if the server itself is encrypted.
    plain = parts.scheme in {"ws", "http"} and server_url.startswith("http:")
    path = parts.path.rstrip("/").removesuffix(_STREAMING)
    return f"{'http' if plain else 'https'}://{parts.netloc}{path}{_STREAMING}"


def _text(value: object, *path: str) -> str:
    for name in path:
        if not isinstance(value, dict):
            return ""
        value = value.get(name)
    return value if isinstance(value, str) else ""
