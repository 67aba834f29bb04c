"""How gunicorn runs the dashboard. Measured choices: one process, one thread, one greenlet per open page."""

from __future__ import annotations

from typing import Any


def gunicorn_settings(descriptors: list[int], connections: int, log_level: str) -> dict[str, Any]:
    """Settings for a server on the listening sockets `descriptors`, with at most `connections` connections at once."""
    return {
        "bind": [f"fd://{descriptor}" for descriptor in descriptors],
        # Never more than one: a second process would not know the open pages of the first.
        "workers": 1,
        "worker_class": "dashboard.server.upstream.Worker",
        # One more connection waits for ever, even for /healthz.
        "worker_connections": connections,
        "backlog": 2048,
        # The most headers and bytes that a client may send before anything is checked: 256 kB of memory.
        "limit_request_fields": 64,
        "limit_request_field_size": 4096,
        # gunicorn notices a stop within 1 s, and idle connections end after 2 s (keepalive). A stop takes at most five.
        "graceful_timeout": 4,
        "accesslog": None,
        "errorlog": None,
        "logger_class": "dashboard.server.upstream.RootLog",
        # gunicorn's own messages (booting, listening) help nobody who runs this.
        "loglevel": "debug" if log_level == "DEBUG" else "warning",
        "control_socket_disable": True,
        "proc_name": "dashboard",
    }
