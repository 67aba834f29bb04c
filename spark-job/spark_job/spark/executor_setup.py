"""Prepare a cluster's executors: send this package to them, and check their Python version and pyarrow."""

import importlib.util
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from spark_job.spark.errors import SparkGoneError, key_line

#: What an executor needs for the spool, and what it needs for a topic.
PACKAGES = ("pyarrow",)
TOPIC_PACKAGES = (*PACKAGES, "confluent-kafka")


def prepare_executors(spark: SparkSession, scratch: Path, packages: Sequence[str] = PACKAGES) -> None:
    """Send this package to the executors as a zip file, and check that they can run it.

    It waits until the cluster gives an executor.

    Args:
        spark: The session.
        scratch: The folder for the zip file.
        packages: What the executors' Python must have.

    Raises:
        SparkGoneError: The executors can't run it; one sentence.

    """
    package = Path(__file__).parent.parent
    archive = shutil.make_archive(str(scratch / package.name), "zip", package.parent, package.name)
    spark.sparkContext.addPyFile(archive)
    tasks = spark.sparkContext.defaultParallelism
    check = ExecutorCheck(tuple(packages))
    found: list[tuple[str, str]]
    try:
        found = spark.sparkContext.parallelize(range(tasks), tasks).mapPartitions(check).collect()
    except (PySparkException, Py4JError) as error:
        raise SparkGoneError(f"the executors can't run this job's Python: {key_line(str(error))}") from error
    lacking = sorted((interpreter, package) for interpreter, package in found if package)
    if lacking:
        interpreter, name = lacking[0]
        raise SparkGoneError(f"the executors' Python, {interpreter}, has no {name}: PYSPARK_PYTHON names another one")


class ExecutorCheck:
    """Runs on an executor: its interpreter, and the first package that it lacks, or an empty text."""

    def __init__(self, packages: tuple[str, ...]) -> None:
        self.packages = packages

    def __call__(self, _: Iterable[int]) -> Iterator[tuple[str, str]]:
        """Look for the packages."""
        lacking = [name for name in self.packages if importlib.util.find_spec(name.replace("-", "_")) is None]
        yield sys.executable, lacking[0] if lacking else ""
