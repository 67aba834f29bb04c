"""The sentence of an error has one line, also if the error has several or none."""

import duckdb
import pytest

from spark_job.first_line import first_line


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (duckdb.IOException("IO Error: no room\n\nCandidates: none"), "IO Error: no room"),
        (OSError(28, "No space left on device"), "[Errno 28] No space left on device"),
        (ValueError("\n\n second "), "second"),
        (OSError(), "OSError"),
        (duckdb.Error(""), "Error"),
    ],
)
def test_an_error_is_said_in_one_line(error: Exception, line: str) -> None:
    assert first_line(error) == line
