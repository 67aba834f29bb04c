"""Prepare a cluster's executors: send this package to them, and check their Python version and pyarrow."""

import importlib.util
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from spark_job.spark.errors import SparkGoneError, key_line


def prepare_executors(spark: SparkSession, scratch: Path) -> None:
    """Send this package to the executors as a zip file, and check that they can run it.

    It waits until the cluster gives an executor.

    Args:
        spark: The session.
        scratch: The folder for the zip file.

    Raises:
        SparkGoneError: The executors can't run it; one sentence.

    """
    package = Path(__file__).parent.parent
    archive = shutil.make_archive(str(scratch / package.name), "zip", package.parent, package.name)
    spark.sparkContext.addPyFile(archive)
    tasks = spark.sparkContext.defaultParallelism
    try:
        found = spark.sparkContext.parallelize(range(tasks), tasks).mapPartitions(check_executor).collect()
    except (PySparkException, Py4JError) as error:
        raise SparkGoneError(f"the executors can't run this job's Python: {key_line(str(error))}") from error
    lacking = sorted({interpreter for interpreter, has_pyarrow in found if not has_pyarrow})
    if lacking:
        raise SparkGoneError(f"the executors' Python, {lacking[0]}, has no pyarrow: PYSPARK_PYTHON names another one")


def check_executor(_: Iterable[int]) -> Iterator[tuple[str, bool]]:
    """Runs on an executor: return its interpreter, and whether that has pyarrow."""
    yield sys.executable, importlib.util.find_spec("pyarrow") is not None
