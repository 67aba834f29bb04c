"""What each service logs is one line a record, text or JSON, whatever servers and posts said."""

import json
import logging
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import ModuleType

import pytest

import dashboard.log_lines
import ingest.log_lines
import spark_job.log_lines

ROOT = Path(__file__).resolve().parents[2]
MODULES = [ingest.log_lines, spark_job.log_lines, dashboard.log_lines]
FORGED = "bad\n2026-11-28 12:00:00,000 INFO ingest: all is well\x1b[2J\u202e\u2028\x85\r\x00\ud800"
#: Logs, as each service has it set up, a message that quotes something, and an exception.
LOG = """
import logging, sys
from {service}.log_lines import configure_logging
configure_logging("INFO", sys.argv[1])
logger = logging.getLogger("a.module")
logger.debug("not this")
logger.info("x refused us: %s", {forged!r})
try:
    int({forged!r})
except ValueError:
    logger.exception("it failed")
"""


def record(message: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("ingest", logging.WARNING, "x.py", 1, message, values, None)


def said(module: ModuleType, log_format: str) -> list[str]:
    """The lines that a process logs."""
    code = LOG.format(service=module.__package__, forged=FORGED)
    done = subprocess.run(
        [sys.executable, "-c", code, log_format], capture_output=True, check=True, env={"TZ": "Asia/Tokyo"}
    )
    assert done.stdout == b""
    return done.stderr.decode().removesuffix("\n").split("\n")


@pytest.mark.parametrize("module", MODULES)
def test_a_message_stays_one_line_and_commands_no_terminal(module: ModuleType) -> None:
    first, second, *trace = said(module, "text")
    _, line = first.split(" ", 1)
    quoted = FORGED.encode("unicode_escape").decode()
    assert line == f"INFO a.module: x refused us: {quoted}"
    assert second.split(" ", 1)[1] == "ERROR a.module: it failed"
    assert all(line.startswith("  | ") for line in trace)
    assert trace[0] == "  | Traceback (most recent call last):"
    assert not any(letter in "".join(trace) for letter in "\x1b\u202e\u2028\x85\r\x00")


@pytest.mark.parametrize("module", MODULES)
def test_a_time_is_in_utc(module: ModuleType) -> None:
    one = record("now")
    one.created, one.msecs = 1_795_867_200.5, 500.0
    assert json.loads(module.JsonFormatter().format(one))["at"] == "2026-11-28T12:00:00.500Z"
    at = said(module, "text")[0].partition(" ")[0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", at)
    then = datetime.fromisoformat(at.replace("Z", "+00:00"))
    assert timedelta(0) <= datetime.now(timezone.utc) - then < timedelta(minutes=1)


@pytest.mark.parametrize("module", MODULES)
def test_for_machines_each_line_is_a_json_object(module: ModuleType) -> None:
    lines = said(module, "json")
    told, failed = map(json.loads, lines)
    assert told.pop("at").endswith("Z")
    assert told == {"level": "INFO", "logger": "a.module", "message": f"x refused us: {FORGED}"}
    assert (failed["level"], failed["message"]) == ("ERROR", "it failed")
    assert failed["exception"].startswith("Traceback (most recent call last):\n")
    assert all(line.isascii() and line.isprintable() for line in lines)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("text", ["", "plain", "ñ € 日本 #ハッシュタグ עברית 😀"])
def test_what_can_be_read_stays_as_it_is(module: ModuleType, text: str) -> None:
    assert module.escape(text) == text


@pytest.mark.parametrize("module", MODULES)
def test_a_refusal_is_a_sentence_or_an_object(module: ModuleType) -> None:
    service = str(module.__package__)
    assert module.sentence_line("TOP_N\x1b", None) == f"{service.replace('_', '-')}: TOP_N\\x1b"
    told = json.loads(module.sentence_line("TOP_N", "json"))
    assert (told["level"], told["logger"], told["message"]) == ("ERROR", service, "TOP_N")


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_on_an_executor_warnings_have_the_form_of_the_job(log_format: str) -> None:
    code = (
        "import logging\nfrom spark_job.log_lines import configure_executor_logging\n"
        "configure_executor_logging(); configure_executor_logging()\n"
        "logging.getLogger('spark_job.executor.posts').warning('a post is skipped')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, env={"LOG_FORMAT": log_format}
    )
    (line,) = done.stderr.splitlines()
    told = json.loads(line)["message"] if log_format == "json" else line.partition("posts: ")[2]
    assert told == "a post is skipped"
