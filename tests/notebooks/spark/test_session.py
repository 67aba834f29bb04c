"""Spark as a notebook starts it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from spark_job.spark.java import java_home

SCRIPT = Path(__file__).parents[1] / "support" / "stopped_queries.py"


@pytest.mark.spark
def test_a_query_that_is_stopped_in_a_micro_batch_shows_no_error_of_java(tmp_path: Path) -> None:
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment |= {"JAVA_HOME": str(java_home(os.environ, Path(sys.prefix))), "TMPDIR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, str(SCRIPT)], env=environment, capture_output=True, text=True, timeout=240, check=True
    )
    assert "StackOverflowError" not in ended.stderr
    assert len(ended.stderr.splitlines()) < 20 * 4, ended.stderr
