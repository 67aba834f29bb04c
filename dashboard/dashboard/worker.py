"""gunicorn's gevent worker, which hangs up on open pages as soon as it is told to stop."""

from __future__ import annotations

from typing import Any

import gevent  # type: ignore[import-untyped]
from gunicorn.workers.ggevent import GeventWorker  # type: ignore[import-untyped]


class Worker(GeventWorker):  # type: ignore[misc]  # gunicorn has no types
    """Without this, open websockets use up the whole graceful timeout."""

    # gunicorn sets it when the application is loaded, and handles signals before.
    wsgi: Any = None

    def handle_exit(self, sig: int, frame: Any) -> None:
        """On SIGTERM: stop accepting, hang up, end."""
        super().handle_exit(sig, frame)
        # While the worker starts there is no application yet, and nobody is connected.
        if self.wsgi is not None:
            # A signal handler must not block, and closing a socket may.
            gevent.spawn(self.wsgi.extensions["dashboard.live"].close)

    def handle_quit(self, sig: int, frame: Any) -> None:
        """On SIGINT (Ctrl-C) and SIGQUIT: the same; gunicorn's own way ends in a traceback under gevent."""
        self.handle_exit(sig, frame)
