"""No greenlet of the dashboard ends unnoticed."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.server.greenlets import repeat

ROOT = Path(__file__).resolve().parents[3]


class EnoughError(BaseException):
    """Ends a loop that has no end."""


def test_what_must_not_end_goes_on_after_an_error(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    def step() -> None:
        done.append("step")
        if len(done) == 1:
            raise ValueError("bad")

    def sleep(seconds: float) -> None:
        assert seconds == 1.5
        if len(done) == 3:
            raise EnoughError

    with caplog.at_level(logging.ERROR), pytest.raises(EnoughError):
        repeat("the relay", step, 1.5, sleep)
    assert caplog.messages == ["unexpected error in the relay, which goes on"]
    assert "ValueError: bad" in caplog.text


CODE = """
import gevent.monkey; gevent.monkey.patch_all()
import gevent, logging
from dashboard.log_lines import configure_logging
from dashboard.server.greenlets import log_greenlet_errors
configure_logging("WARNING", "text")
log_greenlet_errors()
def fail(): raise ValueError("bad\\n\\x1b[31m news")
def leave(): raise gevent.GreenletExit
for what in (leave, fail):
    gevent.spawn(what).join()
print("goes on")
"""


def test_an_error_that_ends_a_greenlet_is_logged_and_the_others_go_on() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout) == (0, "goes on\n")
    sentence, *trace = done.stderr.splitlines()
    assert " ERROR dashboard.server.greenlets: a greenlet ended with an error: " in sentence
    assert all(line.startswith("  | ") for line in trace)
    assert r"ValueError: bad" in trace[-2] + trace[-1]
    assert "\x1b" not in done.stderr
