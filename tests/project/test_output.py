"""What `make run` prints has one form, whoever said it."""

import io
import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from honcho.printer import Message  # type: ignore[import-untyped]
from scripts.output import Output

RECORD = "2026-11-28T12:00:00.500Z INFO ingest.service: serving"
TRACE = "  | ValueError: bad"
Written = Callable[..., list[str]]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def written(log_format: str, *lines: tuple[str, str], stream: io.StringIO | None = None) -> tuple[list[str], Output]:
    stream = stream or io.StringIO()
    output = Output(stream, log_format)
    for name, line in lines:
        output.write(Message("line", f"{line}\n".encode(), None, name, "36"))
    return stream.getvalue().splitlines(), output


def without_time(line: str) -> str:
    at, rest = line.split(" ", 1)
    assert at.endswith("Z")
    return rest


def test_a_line_of_a_service_is_printed_as_it_is() -> None:
    lines, output = written("text", ("ingest", RECORD), ("ingest", TRACE))
    assert lines == [RECORD, TRACE]
    assert output.refusal is None


@pytest.mark.parametrize(
    ("name", "line", "printed"),
    [
        ("spark-job", "WARNING: Java says something", "INFO spark_job: WARNING: Java says something"),
        ("system", "ingest started (pid=7)", "INFO run: ingest started (pid=7)"),
        ("ingest", "ingest: TOP_N must be 1", "ERROR ingest: TOP_N must be 1"),
        ("dashboard", "bad \x1b[2J", "INFO dashboard: bad \\x1b[2J"),
    ],
)
def test_any_other_line_gets_a_time_a_level_and_a_name(name: str, line: str, printed: str) -> None:
    (got,), _ = written("text", (name, line))
    assert without_time(got) == printed


@pytest.mark.parametrize(
    ("log_format", "line"),
    [
        ("text", "ingest: bluesky: no stream"),
        ("json", '{"at": "x", "level": "ERROR", "logger": "ingest", "message": "bluesky: no stream"}'),
        ("json", "ingest: bluesky: no stream"),
    ],
)
def test_the_sentence_with_which_ingest_ends_is_remembered(log_format: str, line: str) -> None:
    _, output = written(log_format, ("ingest", line))
    assert output.refusal == "bluesky: no stream"


def test_for_machines_each_line_is_a_json_object() -> None:
    record = '{"at": "x", "level": "INFO", "logger": "ingest.service", "message": "serving"}'
    lines, output = written("json", ("ingest", record), ("spark-job", "Java says something"))
    assert lines[0] == record
    other = json.loads(lines[1])
    assert (other["level"], other["logger"], other["message"]) == ("INFO", "spark_job", "Java says something")
    assert output.refusal is None


def test_on_a_terminal_what_is_before_the_message_has_the_colour_of_the_process() -> None:
    (line,), _ = written("text", ("ingest", RECORD), stream=Terminal())
    assert line == "\x1b[36m2026-11-28T12:00:00.500Z INFO ingest.service: \x1b[0mserving"


def test_it_says_its_own_sentences_in_the_same_form() -> None:
    stream = io.StringIO()
    Output(stream, "text").say("the page: http://localhost:8000")
    assert without_time(stream.getvalue()) == "INFO run: the page: http://localhost:8000\n"


class Interrupted(io.TextIOWrapper):
    """A stream that gets a signal while the first line is written to it."""

    signals = 1

    def write(self, text: str) -> int:
        if self.signals:
            self.signals -= 1
            signal.raise_signal(signal.SIGUSR1)
        return super().write(text)


@pytest.mark.timeout(20)
def test_a_signal_that_comes_while_a_line_is_printed_is_told_too(tmp_path: Path) -> None:
    path = tmp_path / "terminal"
    with Interrupted(path.open("wb")) as stream:
        output = Output(stream, "text")
        before = signal.signal(signal.SIGUSR1, lambda *_: output.say("a signal came"))
        try:
            output.say("a line")
            output.say("another line")
        finally:
            signal.signal(signal.SIGUSR1, before)
    lines = [without_time(line) for line in path.read_text().splitlines()]
    assert sorted(lines) == ["INFO run: a line", "INFO run: a signal came", "INFO run: another line"]
