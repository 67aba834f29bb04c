"""Start and stop a small Spark on this machine, for one notebook."""

import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

from pyspark import SparkContext
from pyspark.sql import SparkSession

#: Spark speaks when something is wrong. Usually it says some twenty lines at a start, which a notebook would show. The
#: last logger is the one whose level PySpark would announce.
LOG_SETTINGS = """\
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = Spark: %level %m%n%ex{0}
logger.gateway.name = org.apache.spark.api.python.PythonGatewayServer
logger.gateway.level = error
"""
#: The first two need least of a computer that runs more than this notebook. When a query is stopped in the middle of a
#: micro-batch, Spark searches the error text with a pattern that needs some frames of the stack for each character.
#: With Java's default of 1 MB, a notebook would show a thousand lines of StackOverflowError.
JAVA_OPTIONS = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xss16m"
JAVA_SECONDS = 5.0
_FOLDER = "spark.hashtags.folder"


def start(name: str, cores: int = 2) -> SparkSession:
    """Start Spark on `cores` cores of this machine, or return the Spark that runs in this notebook already.

    Each task of a query needs time, so there are as many parts of a shuffle as cores, and not 200. All files are in a
    temporary folder, which `stop` removes.
    """
    folder = Path(tempfile.mkdtemp(prefix="hashtags-spark-"))
    settings = folder / "log4j2.properties"
    settings.write_text(LOG_SETTINGS)
    # PySpark says so at the first list that Java gets. No lesson turns a table of Spark into one of pandas.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    # Without them, Spark looks up the name of this machine, and uses the first `python3` that it finds.
    os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    builder = SparkSession.builder.master(f"local[{cores}]").appName(name)
    conf = {
        "spark.sql.shuffle.partitions": str(cores),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.adaptive.enabled": "false",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"{JAVA_OPTIONS} -Dlog4j2.configurationFile={settings.as_uri()}"
        f" -Djava.io.tmpdir={folder}",
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    for key, value in conf.items():
        builder = builder.config(key, value)
    spark = builder.config(_FOLDER, str(folder)).getOrCreate()
    if spark.sparkContext.getConf().get(_FOLDER) != str(folder):
        shutil.rmtree(folder)
    return spark


def stop(spark: SparkSession) -> None:
    """Stop all queries and Spark, wait until its Java has ended, and remove its files."""
    context = spark.sparkContext
    folder = context.getConf().get(_FOLDER)
    gateway = context._gateway  # noqa: SLF001 - PySpark keeps Java running, and has no other way to end it
    for query in spark.streams.active:
        query.stop()
    spark.stop()
    if gateway is not None:
        java: subprocess.Popen[bytes] | None = getattr(gateway, "proc", None)
        gateway.shutdown()
        # The next `start` in this notebook starts another Java.
        SparkContext._gateway = SparkContext._jvm = None  # noqa: SLF001
        if java is not None:
            _end(java)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def _end(java: "subprocess.Popen[bytes]") -> None:
    if java.stdin is not None:
        java.stdin.close()
    try:
        java.wait(JAVA_SECONDS)
    except subprocess.TimeoutExpired:
        java.kill()
        java.wait()
