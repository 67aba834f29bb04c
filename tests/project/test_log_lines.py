"""What each service logs is one line a record, whatever servers and posts said."""

import logging
import sys
from pathlib import Path

import pytest

from ingest.log_lines import LineFormatter, escape

ROOT = Path(__file__).resolve().parents[2]
COPIES = [ROOT / f"{path}/log_lines.py" for path in ("ingest/ingest", "dashboard/dashboard", "spark-job/spark_job")]
FORGED = "bad\n2026-11-28 12:00:00,000 INFO ingest: all is well\x1b[2J\u202e\u2028\x85\r\x00\ud800"


def record(message: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("ingest", logging.WARNING, "x.py", 1, message, values, None)


def test_the_services_have_the_same_file() -> None:
    assert len({path.read_bytes() for path in COPIES}) == 1


def test_a_message_stays_one_line_and_commands_no_terminal() -> None:
    one = record("x refused us: %s", FORGED)
    one.created = 1_795_867_200.5
    line = LineFormatter().format(one)
    begin = "2026-11-28T12:00:00.500Z WARNING ingest: x refused us: bad"
    end = "2026-11-28 12:00:00,000 INFO ingest: all is well"
    assert line == f"{begin}\\n{end}" + r"\x1b[2J\u202e\u2028\x85\r\x00\ud800"
    line.encode()


def test_a_traceback_is_indented_so_that_no_line_of_it_looks_like_a_record() -> None:
    one = record("it failed")
    try:
        int(FORGED)
    except ValueError:
        one.exc_info = sys.exc_info()
    first, *others = LineFormatter().format(one).split("\n")
    assert first.endswith(" WARNING ingest: it failed")
    assert all(line.startswith("  | ") for line in others)
    assert not any(letter in "".join(others) for letter in "\x1b\u202e\u2028\x85\r\x00")


@pytest.mark.parametrize("text", ["", "plain", "ñ € 日本 #ハッシュタグ עברית 😀"])
def test_what_can_be_read_stays_as_it_is(text: str) -> None:
    assert escape(text) == text
