"""No thread of the job ends unnoticed: an error that nobody expected ends the process, with a sentence."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BEGIN = """
import logging, sys, threading
from spark_job import fatal_errors as last_words
from spark_job.log_lines import configure_logging
configure_logging("INFO", "text")
last_words.GRACE_SECONDS = 0.2
stop = threading.Event()
last_words.exit_on_unexpected_errors(stop)
def fail(*_):
    raise ValueError("bad\\n\\x1b[31m news")
waiting = threading.Event()
"""
IN = {
    "push": """
from spark_job.publish.push import Pusher
pusher = Pusher("http://127.0.0.1:1/api/snapshots", "token")
pusher._post = fail
pusher.start(lambda panes: None)
pusher.offer({"seq": 1, "panes": []})
waiting.wait(20)
""",
    "push, by a character that no header can carry": """
from spark_job.publish.push import Pusher
pusher = Pusher("http://127.0.0.1:1/api/snapshots", "a-token-with-\\u20ac-in-it")
pusher.start(lambda panes: None)
pusher.offer({"seq": 1, "panes": []})
waiting.wait(20)
""",
    "push, when panes are acknowledged": """
from tests.spark_job.support.fake_dashboard import TOKEN, FakeDashboard
from spark_job.publish.push import Pusher
with FakeDashboard() as dashboard:
    pusher = Pusher(dashboard.url + "/api/snapshots", TOKEN)
    pusher.start(fail)
    pusher.offer({"seq": 1, "panes": []})
    waiting.wait(20)
""",
    "a thread of a library": "threading.Thread(target=fail, name='Thread-7').start(); waiting.wait(20)",
    "the main thread beside one that stays": "threading.Thread(target=waiting.wait).start(); fail()",
}


def ended(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BEGIN + code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("name", IN)
def test_an_unexpected_error_ends_the_job_with_a_sentence(name: str) -> None:
    done = ended(IN[name])
    assert done.returncode == 1
    sentence, *trace = done.stderr.splitlines()
    assert " CRITICAL " in sentence
    assert "because of an unexpected error in its " in sentence
    assert all(line.startswith("  | ") for line in trace)
    assert "\x1b" not in done.stderr


def test_an_error_of_a_thread_while_the_job_ends_changes_nothing() -> None:
    done = ended("stop.set(); thread = threading.Thread(target=fail); thread.start(); thread.join(); sys.exit(0)")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_thread_that_exits_by_itself_is_no_error() -> None:
    done = ended("thread = threading.Thread(target=sys.exit); thread.start(); thread.join(); print('goes on')")
    assert (done.returncode, done.stdout, done.stderr) == (0, "goes on\n", "")
