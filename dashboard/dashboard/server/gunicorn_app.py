"""The listening socket, and the gunicorn server on it."""

from __future__ import annotations

import resource
import socket
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

BACKLOG = 2048
#: For each connection; Linux doubles it. Without it, a client that reads nothing occupies 4 MiB of kernel memory.
SEND_BUFFER_BYTES = 65_536


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    It is made before gunicorn starts. gunicorn would retry a taken port for five seconds, and not say what to do.

    Raises:
        OSError: The port is taken, or the host is not an address of this machine.

    """
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted connections inherit it.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def raise_file_limit(needed: int) -> None:
    """Let this process and its children open `needed` files. Each connection is one.

    Raises:
        ValueError: They may not; a part of a sentence.

    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise ValueError(f"{needed} open files are needed, and this machine allows {hard} (ulimit -Hn)")
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def url(listener: socket.socket) -> str:
    """The address at which a browser finds `listener`."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  compared, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, without a command line. `load` makes the application, in the worker, after gevent's patches."""

    def __init__(self, settings: dict[str, Any], load: Callable[[], WSGIApplication]) -> None:
        self._settings = settings
        self._load = load
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its settings."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """Make the application."""
        return self._load()
