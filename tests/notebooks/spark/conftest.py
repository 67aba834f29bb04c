"""One Spark for all tests of the data source, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spark_job.spark.java import java_home

READER = Path(__file__).parents[1] / "support" / "spark_reader.py"


class SparkReader:
    """Reads the format `hashtags` with Spark."""

    def __init__(self, folder: Path) -> None:
        self._said = folder / "spark.log"
        self._folder = folder
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with self._said.open("ab") as said:
            self._process = subprocess.Popen(
                [sys.executable, str(READER)],
                env=environment | {"JAVA_HOME": str(java_home(os.environ, Path(sys.prefix))), "TMPDIR": str(folder)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )

    def read(self, **options: object) -> Any:
        """What `spark.read` returns: `rows`, or an `error`."""
        return self._ask(None, options)

    def stream(self, checkpoint: str, **options: object) -> Any:
        """What a query up to the end of the log reads: `batches` of offsets, or an `error`."""
        return self._ask(str(self._folder / checkpoint), options)

    def _ask(self, checkpoint: str | None, options: dict[str, object]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"checkpoint": checkpoint, "options": options}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"Spark has ended:\n{self.said[-3000:]}"
        return json.loads(line)

    @property
    def said(self) -> str:
        """What Spark and its workers have written to standard error."""
        return self._said.read_text(errors="replace")

    def close(self) -> list[str]:
        """End Spark; returns the names of the files that it leaves behind."""
        self._process.communicate(timeout=60)
        return [path.name for path in self._folder.glob("hashtags-spark-*")]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkReader]:
    reader = SparkReader(tmp_path_factory.mktemp("spark"))
    yield reader
    assert reader.close() == []
