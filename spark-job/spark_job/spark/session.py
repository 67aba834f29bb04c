"""Start and stop the Spark session. Each setting has its reason beside it."""

import logging
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from py4j.protocol import Py4JError, Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from spark_job.executor import worker_daemon
from spark_job.settings import Settings
from spark_job.spark.environment import PYTHON_ARENAS, NoSparkError, is_local, use_spark_environment
from spark_job.spark.errors import SparkGoneError, key_line
from spark_job.spark.executor_setup import PACKAGES, TOPIC_PACKAGES, prepare_executors

logger = logging.getLogger(__name__)

JAVA_PATIENCE_SECONDS = 3.0

#: Without its native library, Hadoop starts `chmod` and `readlink` for every checkpoint file. With this manager it
#: starts only `chmod`. Its package differs between versions of Spark. It is safe enough, because the checkpoint is
#: thrown away at each start.
CHECKPOINT_MANAGERS = (
    "org.apache.spark.sql.execution.streaming.checkpointing.FileSystemBasedCheckpointFileManager",
    "org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager",
)

#: Hadoop's local file system writes a second file with checksums beside each file, and starts `chmod` for that too.
#: This one writes no second file. Only the query's files use it, because other parts of Spark need the usual one.
CHECKPOINT_FILES = {
    "fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
    # Hadoop would give out the file system that Spark has opened before.
    "fs.file.impl.disable.cache": "true",
}

LOG_SETTINGS = Path(__file__).parent.with_name("conf") / "log4j2.properties"
#: The class archive, made by class_archive.py, with which Java starts faster.
ARCHIVE = Path(sys.prefix) / "spark-classes.jsa"

JAVA_OPTIONS = (
    f"-Dlog4j2.configurationFile={LOG_SETTINGS.as_uri()}",
    # Serial garbage collection needs the least memory, and takes milliseconds for a heap of this size. All memory for
    # young objects is used again and again, so it is small. A start needs this much old heap and class space. To grow
    # them step by step would cost more collections.
    "-XX:+UseSerialGC",
    "-Xms192m",
    "-Xmn24m",
    "-XX:MetaspaceSize=256m",
    # Java only passes messages on. Its second compiler would take three seconds of processor time at a start, for no
    # gain.
    "-XX:TieredStopAtLevel=1",
    # Java starts `chmod` for each checkpoint file, and starts it directly, without a helper program in between.
    "-Djdk.lang.Process.launchMechanism=VFORK",
    # When the query is stopped in the middle of a micro-batch, Spark searches the error text with a pattern that needs
    # some frames of the stack for each character. The default of 1 MB is not always enough.
    "-Xss16m",
    # A SIGTERM to the whole process group ends Java at once and silently. Nothing in Java must be finished.
    "-Xrs",
)


def spark_conf(settings: Settings, scratch: Path, java_options: Sequence[str] = ()) -> Mapping[str, str]:
    """Spark's configuration for these settings. Files of Spark and Java on this machine go below `scratch`."""
    java_options = (*JAVA_OPTIONS, f"-Djava.io.tmpdir={scratch}", *java_options)
    conf = {
        "spark.app.name": "hashtags-live",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # There is no shuffle, so adaptive planning has no use.
        "spark.sql.adaptive.enabled": "false",
        # A task has one row. To compile Java code for it takes longer than to run it, and half a second at a start.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "32768",
        "spark.sql.streaming.metricsEnabled": "false",
        "spark.sql.streaming.numRecentProgressUpdates": "2",
        "spark.sql.streaming.minBatchesToRetain": "2",
        "spark.sql.streaming.checkpoint.fileChecksum.enabled": "false",
        "spark.python.worker.reuse": "true",
        # A small micro-batch needs one Python worker. The others, which a backlog needs, have 35 MB each: they are
        # ended, and forked again with the next large micro-batch. Spark 4.0 doesn't know this setting.
        "spark.python.factory.idleWorkerMaxPoolSize": "1",
        "spark.executorEnv.PYTHONHASHSEED": "0",
        "spark.cleaner.periodicGC.interval": "5min",
        "spark.driver.memory": "1g",
        "spark.driver.extraJavaOptions": " ".join(shlex.quote(option) for option in java_options),
    }
    if is_local(settings.spark_master):
        conf |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
        conf["spark.local.dir"] = str(scratch / "spark")
        conf["spark.executorEnv.MALLOC_ARENA_MAX"] = PYTHON_ARENAS
        # Workers on this machine use this interpreter, and so have this package. Those of a cluster may lack it.
        conf["spark.python.daemon.module"] = worker_daemon.__name__
        conf["spark.sql.warehouse.dir"] = str(scratch / "warehouse")
    elif settings.driver_host:
        conf |= {"spark.driver.host": settings.driver_host, "spark.driver.bindAddress": "0.0.0.0"}  # noqa: S104
    return conf


def archive_options() -> Sequence[str]:
    """Options with which Java uses the class archive, and logs nothing when it does not fit any more."""
    if not ARCHIVE.exists():
        return ()
    return (
        f"-XX:SharedArchiveFile={ARCHIVE}",
        # Recent versions of Java move the archive to a random address. That writes to all of it, so that 120 MB of
        # memory are not the file's any more.
        "-XX:+UnlockDiagnosticVMOptions",
        "-XX:ArchiveRelocationMode=0",
        *("-Xlog:cds=off", "-Xlog:class+path=off"),
    )


def start_session(settings: Settings, scratch: Path, java_options: Sequence[str] | None = None) -> SparkSession:
    """Start Spark, or connect to a cluster. Python workers on this machine use this interpreter.

    Raises:
        SparkGoneError: Spark can't be started or reached.

    """
    try:
        use_spark_environment(settings.spark_master)
    except NoSparkError as error:
        raise SparkGoneError(str(error)) from error
    builder = SparkSession.builder.master(settings.spark_master)
    scratch.mkdir(parents=True, exist_ok=True)
    options = archive_options() if java_options is None else java_options
    for name, value in spark_conf(settings, scratch.absolute(), options).items():
        builder = builder.config(name, value)
    try:
        spark = builder.getOrCreate()
        _prepare_session(spark)
    except (PySparkException, Py4JError, OSError) as error:
        raise SparkGoneError(f"Spark did not start on {settings.spark_master}: {key_line(str(error))}") from error
    if not is_local(settings.spark_master):
        prepare_executors(spark, scratch, TOPIC_PACKAGES if settings.log_url else PACKAGES)
    return spark


def _prepare_session(spark: SparkSession) -> None:
    # PySpark's own server in this process prints a traceback when Java ends first. The job logs one sentence instead.
    server = spark.sparkContext._accumulatorServer  # noqa: SLF001
    server.handle_error = lambda *_: logger.debug("Java closed its connection")  # type: ignore[method-assign]
    manager = _known_class(spark, CHECKPOINT_MANAGERS)
    if manager is not None:
        spark.conf.set("spark.sql.streaming.checkpointFileManagerClass", manager)
        for name, value in CHECKPOINT_FILES.items():
            spark.conf.set(name, value)


def java_process(spark: SparkSession) -> subprocess.Popen[bytes] | None:
    """Spark's Java process, or `None` if this process did not start it."""
    return getattr(spark.sparkContext._gateway, "proc", None)  # noqa: SLF001 - the only way to the process


def stop_session(spark: SparkSession) -> None:
    """Stop Spark and wait until its Java process is gone, so that no process stays behind."""
    java = java_process(spark)
    try:
        spark.stop()
    except (Py4JError, OSError) as error:
        logger.debug("Spark was gone before it was stopped: %s", type(error).__name__)
    if java is None:
        return
    if java.stdin is not None:
        java.stdin.close()
    try:
        java.wait(JAVA_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        logger.warning("Java did not end within %s s and is killed", JAVA_PATIENCE_SECONDS)
        java.kill()


def _known_class(spark: SparkSession, names: tuple[str, ...]) -> str | None:
    for name in names:
        try:
            spark.sparkContext._jvm.java.lang.Class.forName(name)  # type: ignore[union-attr]  # noqa: SLF001
        except Py4JJavaError:
            continue
        return name
    return None
