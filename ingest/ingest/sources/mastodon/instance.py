"""What a Mastodon server says of itself: where it streams, and which of its live feeds it shows to whom."""

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
    """A public stream: its path behind the streaming API, and the parameters of the timeline with the same posts."""

    path: str
    timeline: Mapping[str, str]
    #: The feed that the server doesn't show us, if there is one.
    closed: LiveFeed | None = None


BOTH = Stream("public", MappingProxyType({}))
_LOCAL = Stream("public/local", MappingProxyType({"local": "true"}), "remote")
_REMOTE = Stream("public/remote", MappingProxyType({"remote": "true"}), "local")


class Instance(NamedTuple):
    """The parts of `/api/v2/instance` that we go by; an access that it doesn't tell, or in unknown words, is ""."""

    streaming: str = ""
    local: str = ""
    remote: str = ""

    def stream(self, *, has_token: bool) -> Stream | None:
        """Return the stream that has all that the server shows us; None if that is nothing."""
        local, remote = (self._is_open(access, has_token) for access in (self.local, self.remote))
        if local and remote:
            return BOTH
        if local:
            return _LOCAL
        return _REMOTE if remote else None

    @property
    def is_switched_off(self) -> bool:
        """Whether nobody is shown a live feed, whatever the token."""
        return self.local == self.remote == "disabled"

    @staticmethod
    def _is_open(access: str, has_token: bool) -> bool:
        return access != "disabled" and (has_token or access != "authenticated")


def read(body: bytes) -> Instance:
    """Return what an answer says; of what has an unknown shape, nothing."""
    try:
        said = json_line.decode(body, _anything)
    except FormatError:
        return Instance()
    feeds = ("configuration", "timelines_access", "live_feeds")
    return Instance(
        _text(said, "configuration", "urls", "streaming"), _text(said, *feeds, "local"), _text(said, *feeds, "remote")
    )


def streaming_base(server_url: str, streaming: str) -> str:
    """Return where a server streams: often on a host of its own, which it names."""
    parts = address.split(streaming)
    if parts is None or parts.scheme not in {"ws", "wss", "http", "https"}:
        return f"{server_url}{_STREAMING}"
    # The token must not go over a plain connection where the server itself has none.
    plain = parts.scheme in {"ws", "http"} and server_url.startswith("http:")
    path = parts.path.rstrip("/").removesuffix(_STREAMING)
    return f"{'http' if plain else 'https'}://{parts.netloc}{path}{_STREAMING}"


def _text(said: object, *path: str) -> str:
    for name in path:
        if not isinstance(said, dict):
            return ""
        said = said.get(name)
    return said if isinstance(said, str) else ""
