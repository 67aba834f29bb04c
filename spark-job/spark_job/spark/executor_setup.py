"""What a cluster's executors must have: this package, which is sent to them, this Python's version, and pyarrow."""

import importlib.util
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from spark_job.spark.errors import SparkGoneError, telling_line


def prepare(spark: SparkSession, scratch: Path) -> None:
    """Send this package to the executors, by a zip file in `scratch`, and see that they can work with it.

    Waits until the cluster gives an executor. Raises `SparkGoneError` with one sentence when they can't.
    """
    package = Path(__file__).parent.parent
    archive = shutil.make_archive(str(scratch / package.name), "zip", package.parent, package.name)
    spark.sparkContext.addPyFile(archive)
    tasks = spark.sparkContext.defaultParallelism
    try:
        found = spark.sparkContext.parallelize(range(tasks), tasks).mapPartitions(look).collect()
    except (PySparkException, Py4JError) as error:
        raise SparkGoneError(f"the executors can't run this job's Python: {telling_line(str(error))}") from error
    lacking = sorted({interpreter for interpreter, has_pyarrow in found if not has_pyarrow})
    if lacking:
        raise SparkGoneError(f"the executors' Python, {lacking[0]}, has no pyarrow: PYSPARK_PYTHON names another one")


def look(_: Iterable[int]) -> Iterator[tuple[str, bool]]:
    """On an executor: its interpreter, and whether that has pyarrow."""
    yield sys.executable, importlib.util.find_spec("pyarrow") is not None
