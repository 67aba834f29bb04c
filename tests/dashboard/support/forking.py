"""The process from which dashboards are forked. It has imported what a dashboard imports before gevent's patches.

Requests and answers are lines of JSON: a start is answered with a pid, a question for an exit code with the code, or
with null.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Any

import flask  # noqa: F401
import redis  # noqa: F401

from dashboard.__main__ import main
from dashboard.api.openapi import document
from dashboard.page.figures import figures
from dashboard.settings import Settings


def start(folder: str, environment: dict[str, str], errors: str) -> int:
    """Fork a dashboard; return its pid."""
    pid = os.fork()
    if pid:
        return pid
    # Nothing of the tests may be left in the new process.
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["dashboard"]
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.dup2(os.open(errors, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644), 2)
    code: int | None = None
    try:
        code = main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        if code is None:
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(1 if code is None else code)


def exit_code_of(pid: int) -> int | None:
    """None: it runs."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def answer(request: dict[str, Any]) -> int | None:
    """Do what a request asks for."""
    return exit_code_of(request["exit_code_of"]) if "exit_code_of" in request else start(**request)


if __name__ == "__main__":
    # Both are the same for all dashboards, and are kept.
    figures(Settings.model_fields["top_n"].default)
    document()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()
