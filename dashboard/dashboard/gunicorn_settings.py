"""How gunicorn runs the dashboard. Measured choices: one process, one thread, one greenlet per open page."""

from __future__ import annotations

from typing import Any


def gunicorn_settings(descriptor: int, log_level: str) -> dict[str, Any]:
    """Settings for a server on the listening socket `descriptor`."""
    return {
        "bind": [f"fd://{descriptor}"],
        # Never more than one: a second process would not know the first one's pages.
        "workers": 1,
        "worker_class": "dashboard.worker.Worker",
        # gevent's default of 1,000 makes the next one wait for ever, /healthz included.
        "worker_connections": 5000,
        "backlog": 2048,
        # A stop is noticed within 1 s and idle connections end after 2 s (keepalive); five in all are promised.
        "graceful_timeout": 4,
        "accesslog": None,
        "errorlog": "-",
        # gunicorn's own news (booting, listening) is no news to whoever runs this.
        "loglevel": "debug" if log_level == "DEBUG" else "warning",
        "control_socket_disable": True,
        "proc_name": "dashboard",
    }
