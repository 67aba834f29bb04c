"""What `make run` prints: the lines of the three services and its own, all of one form."""

import json
import logging
import os
import re
import threading
from typing import Any, TextIO

from dashboard.log_lines import TEXT, JsonFormatter, TextFormatter

#: The first line of a record of a service, or a line of its exception.
TEXT_LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [A-Z]+ [\w.]+: |  \| ")
#: What begins a sentence with which a service refuses to start or ends.
SENTENCE = re.compile(r"(ingest|spark-job|dashboard): ")


class Output:
    """Prints lines to `stream`; honcho calls `write` for each line of a process."""

    #: honcho sets it: the length of the longest name of a process.
    width = 0

    def __init__(self, stream: TextIO, log_format: str) -> None:
        self._stream = stream
        self._json = log_format == "json"
        self._formatter = JsonFormatter() if self._json else TextFormatter(TEXT)
        # A signal may come while the main thread prints, and its handler prints too.
        self._lock = threading.RLock()
        self._printing = False
        #: The last sentence with which ingest refused to go on.
        self.refusal: str | None = None

    def write(self, message: Any) -> None:
        """Print the line of a process, as it is if it has the form of all lines."""
        text = message.data.decode(errors="replace") if isinstance(message.data, bytes) else message.data
        for line in text.splitlines():
            self._write_line("run" if message.name == "system" else message.name, line, message.colour)

    def say(self, sentence: str) -> None:
        """Print a line of `make run` itself."""
        self._print(self._formatted("run", "INFO", sentence))

    def _write_line(self, name: str, line: str, colour: str | None) -> None:
        refusal = self._refusal(line)
        if name == "ingest" and refusal is not None:
            self.refusal = refusal
        if not self._has_form(line):
            level = "INFO" if refusal is None else "ERROR"
            line = self._formatted(name.replace("-", "_"), level, refusal or line)
        self._print(line, colour)

    def _has_form(self, line: str) -> bool:
        return line.startswith('{"at": ') if self._json else TEXT_LINE.match(line) is not None

    def _refusal(self, line: str) -> str | None:
        """The sentence with which a service refuses to start, without the name of the service."""
        if self._json and line.startswith('{"at": '):
            record = json.loads(line)
            return str(record["message"]) if (record["logger"], record["level"]) == ("ingest", "ERROR") else None
        return SENTENCE.sub("", line, count=1).strip() if SENTENCE.match(line) else None

    def _formatted(self, name: str, level: str, text: str) -> str:
        return self._formatter.format(
            logging.LogRecord(name, logging.getLevelNamesMapping()[level], "", 0, text, None, None)
        )

    def _print(self, line: str, colour: str | None = None) -> None:
        """Print a line, unless the terminal is gone. On a terminal, time and logger have the colour of the process."""
        if colour and not self._json and self._stream.isatty():
            head, colon, message = line.partition(": ")
            line = f"\x1b[{colour}m{head}{colon}\x1b[0m{message}"
        with self._lock:
            interrupted, self._printing = self._printing, True
            try:
                if interrupted:
                    # The stream refuses a second line before the first has ended.
                    os.write(self._stream.fileno(), f"{line}\n".encode(errors="backslashreplace"))
                else:
                    print(line, file=self._stream, flush=True)
            except OSError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            finally:
                self._printing = interrupted
