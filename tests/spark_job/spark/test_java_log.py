"""What Java logs has the form of all other lines: one line a message, whatever it quotes."""

import json
import os
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

pytestmark = pytest.mark.spark

ROOT = Path(__file__).resolve().parents[3]
LOG = """
import sys, tempfile
from pathlib import Path
from spark_job.settings import Settings
from spark_job.spark.session import start_session, stop_session
with tempfile.TemporaryDirectory() as folder:
    spark = start_session(Settings.model_construct(spark_master="local[1]"), Path(folder))
    loggers = spark.sparkContext._jvm.org.apache.logging.log4j.LogManager
    logger = loggers.getLogger("of.a.test")
    logger.error("quoted: bad\\n2026 ERROR forged\\x1b[2J\\u202e end é 日本 {}")
    logger.fatal("quoted too")
    for name in sys.argv[1:]:
        loggers.getLogger(name).error("quoted by " + name)
    stop_session(spark)
"""


def lines(log_format: str, *names: str) -> list[str]:
    """What the logger of the test and those with ``names`` wrote, in another time zone than UTC."""
    done = subprocess.run(
        [sys.executable, "-c", LOG, *names], cwd=ROOT, env={**os.environ, "LOG_FORMAT": log_format, "TZ": "Asia/Tokyo"},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert not [line for line in done.stderr.splitlines() if line.startswith("2026 ERROR forged")]
    assert "StatusLogger" not in done.stderr
    return [line for line in done.stderr.splitlines() if "quoted" in line]


def seconds_ago(at: str) -> float:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", at)
    then = datetime.fromisoformat(at.replace("Z", "+00:00"))
    return (datetime.now(timezone.utc) - then) / timedelta(seconds=1)


@pytest.mark.parametrize("log_format", ["text", ""])
def test_a_message_of_java_stays_one_line_and_commands_no_terminal(log_format: str) -> None:
    error, fatal = lines(log_format)
    at, rest = error.split(" ", 1)
    assert 0 <= seconds_ago(at) < 60
    assert rest == "ERROR spark.test: quoted: bad?2026 ERROR forged?[2J? end é 日本 {}"
    assert fatal.split(" ", 1)[1] == "CRITICAL spark.test: quoted too"


def test_for_machines_a_message_of_java_is_a_json_object() -> None:
    error, fatal = map(json.loads, lines("json"))
    assert 0 <= seconds_ago(error.pop("at")) < 60
    message = "quoted: bad\n2026 ERROR forged\x1b[2J\u202e end é 日本 {}"
    assert error == {"level": "ERROR", "logger": "spark.test", "message": message}
    assert fatal["level"] == "CRITICAL"


def test_a_task_that_is_stopped_says_nothing_of_the_memory_that_it_leaves() -> None:
    # Spark throws the same text, and the job says in one sentence why a query ended.
    quiet = ["org.apache.arrow.memory.BaseAllocator", "org.apache.spark.TaskContextImpl"]
    loud = "org.apache.spark.SparkContext"
    _, _, last = lines("text", *quiet, loud)
    assert last.endswith(f"ERROR spark.SparkContext: quoted by {loud}")
