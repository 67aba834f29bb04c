"""What a cluster's executors must have, on a Spark whose executors use another interpreter than the job."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.spark

SCRIPT = """
import json
import os
import sys
from pathlib import Path
from pyspark.sql import SparkSession
from spark_job.spark.executor_setup import prepare_executors
from spark_job.spark.errors import SparkGoneError
from spark_job.spark.java import java_home
os.environ["JAVA_HOME"] = str(java_home(os.environ, Path(sys.prefix)))
spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("OFF")
said = {}
for interpreter in sys.argv[1:]:
    spark.sparkContext.pythonExec = interpreter
    try:
        prepare_executors(spark, Path())
    except SparkGoneError as error:
        said[interpreter] = str(error)
    else:
        said[interpreter] = "well"
spark.stop()
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the job runs, with an interpreter that has the standard library alone, as a strange cluster's may."""
    folder = tmp_path_factory.mktemp("executors")
    bare = folder / "bare-python"
    bare.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
    bare.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def said(folder: Path) -> dict[str, str]:
    """What the job says of executors with each of these interpreters."""
    interpreters = [sys.executable, str(folder / "bare-python"), "/nowhere/python"]
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *interpreters],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_executors_with_the_job_s_own_interpreter_are_well(said: dict[str, str]) -> None:
    assert said[sys.executable] == "well"


def test_executors_without_pyarrow_get_a_sentence_from_the_package_that_is_sent_to_them(
    said: dict[str, str], folder: Path
) -> None:
    # Nothing but what is sent to it tells this interpreter of `spark_job`.
    bare = str(folder / "bare-python")
    lacking = f"the executors' Python, {sys.executable}, has no pyarrow: PYSPARK_PYTHON names another one"
    assert said[bare] == lacking


def test_executors_that_can_not_run_the_interpreter_get_a_sentence(said: dict[str, str]) -> None:
    assert said["/nowhere/python"].startswith("the executors can't run this job's Python: ")
    assert "/nowhere/python" in said["/nowhere/python"]
    assert "\n" not in said["/nowhere/python"]
