"""The programs in docs/examples read the archive, each with another library, and print the same."""

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from spark_job.archive.hour_file import About, write_hour
from spark_job.archive.hour_rows import ROWS_ARROW

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples"
#: 2026-11-20T22:00:00Z: two hours of this day, and one of the next.
BEGIN, HOUR_MS = 1_795_212_000_000, 3_600_000
SAID = """\
#tag6: 14 posts, 2 of them deleted
#tag5: 12 posts, 2 of them deleted
#tag4: 10 posts, 2 of them deleted
#tag3: 8 posts, 2 of them deleted
#tag2: 6 posts, 2 of them deleted
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    for hour in range(3):
        at_ms = BEGIN + hour * HOUR_MS
        rows = [(at_ms, "demo", "en", f"tag{n}", f"tag{n}", n if hour else n + 2, 1, 1, 1, 1) for n in range(1, 7)]
        columns = [
            pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), ROWS_ARROW, strict=True)
        ]
        batch = pa.RecordBatch.from_arrays(columns, schema=ROWS_ARROW)
        about = About(id="1-1", hour_ms=at_ms, counted_from_ms=at_ms, missing_ms=0, dropped_posts=0, min_posts=1)
        write_hour(folder, about, pa.RecordBatchReader.from_batches(ROWS_ARROW, [batch]))
    # What a kill leaves is no part of the archive.
    (folder / "date=2026-11-20" / ".hour-21.parquet.partial").write_bytes(b"PAR1")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("library", ["duckdb", "pandas", "polars", pytest.param("spark", marks=pytest.mark.spark)])
def test_an_example_prints_the_leading_hashtags_of_a_day(archive: Path, library: str) -> None:
    command = [sys.executable, str(EXAMPLES / f"archive_{library}.py"), str(archive), "2026-11-20"]
    program = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (program.returncode, program.stdout) == (0, SAID), program.stderr
