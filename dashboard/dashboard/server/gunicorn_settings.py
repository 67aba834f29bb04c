"""How gunicorn runs the dashboard. Measured choices: one process, one thread, one greenlet per open page."""

from __future__ import annotations

from typing import Any


def gunicorn_settings(descriptors: list[int], connections: int, log_level: str) -> dict[str, Any]:
    """Settings for a server on the listening sockets `descriptors`, with so many connections at once."""
    return {
        "bind": [f"fd://{descriptor}" for descriptor in descriptors],
        # Never more than one: a second process would not know the first one's pages.
        "workers": 1,
        "worker_class": "dashboard.server.upstream.Worker",
        # The next one waits for ever, /healthz included.
        "worker_connections": connections,
        "backlog": 2048,
        # A client may send so many headers of so many bytes before anything is checked: 256 kB of memory.
        "limit_request_fields": 64,
        "limit_request_field_size": 4096,
        # A stop is noticed within 1 s and idle connections end after 2 s (keepalive); five in all are promised.
        "graceful_timeout": 4,
        "accesslog": None,
        "errorlog": None,
        "logger_class": "dashboard.server.upstream.RootLog",
        # gunicorn's own news (booting, listening) is no news to whoever runs this.
        "loglevel": "debug" if log_level == "DEBUG" else "warning",
        "control_socket_disable": True,
        "proc_name": "dashboard",
    }
