"""The environment in which Spark's Java and its Python workers start.

With a local master they are parts of this process: they use this interpreter and this Spark, and what was set for
another Spark, Java or Python on this machine must not reach them. A cluster has an owner, whose settings are kept.
"""

import os
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path

import pyspark

# Java would look through the installed packages for data sources, half a second before the first query; ours is
# registered by hand. Spark skips the search where there is no such program.
NO_PYTHON = "/nonexistent/python"
NO_FOLDER = "/nonexistent"
# Each line: who reads them. All are dropped for a local master.
FOREIGN_PREFIXES = (
    *("SPARK_", "PYSPARK_"),
    *("HADOOP_", "HDFS_", "YARN_", "MAPRED_", "HIVE_"),
)
JAVA_OPTIONS = ("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "IBM_JAVA_OPTIONS", "OPENJ9_JAVA_OPTIONS")
FOREIGN_NAMES = frozenset(
    {
        *JAVA_OPTIONS,
        "CLASSPATH",
        # spark-submit
        *("MASTER", "DEPLOY_MODE"),
        # Spark takes the first two as signs of a container of YARN or Mesos, and the third as its folders there.
        *("CONTAINER_ID", "MESOS_SANDBOX", "LOCAL_DIRS"),
        # bash, which Spark's scripts run in
        *("BASH_ENV", "CDPATH", "POSIXLY_CORRECT"),
        # Java takes the language of the user from them, and the encoding of file names
        *("LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES"),
    }
)


class NoSparkError(Exception):
    """`SPARK_HOME` leads to no Spark; one sentence."""


def is_local(master: str) -> bool:
    """Whether Spark runs within this process and its children."""
    return master.startswith("local")


def own_spark_home() -> Path:
    """The Spark that the imported `pyspark` belongs to."""
    package = Path(pyspark.__file__).resolve().parent
    homes = (package, package.parent.parent)
    return next((home for home in homes if is_spark_home(home)), package)


def is_spark_home(home: Path) -> bool:
    """Whether a Spark is installed in this folder."""
    return (home / "bin" / "spark-submit").is_file() and (home / "jars").is_dir()


def without_java_options(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without options that every Java obeys."""
    return {name: value for name, value in environ.items() if name not in JAVA_OPTIONS}


def spark_environment(environ: Mapping[str, str], master: str, home: Path) -> dict[str, str]:
    """The environment for Spark on `master`; `home` is the folder of this process's own Spark.

    Raises `NoSparkError` if a cluster's `SPARK_HOME` can't be used.
    """
    if is_local(master):
        return _local_environment(environ, home)
    named = environ.get("SPARK_HOME")
    if named is not None and not is_spark_home(Path(named)):
        raise NoSparkError(f"SPARK_HOME: there is no Spark in {named!r}; without it, the installed pyspark is used")
    # Spark would take whatever `python3` is on the path, which may lack pyarrow.
    return {"PYSPARK_PYTHON": sys.executable, **environ, "PYSPARK_DRIVER_PYTHON": NO_PYTHON}


def _local_environment(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if not _is_foreign(name)}
    if not (sys.flags.ignore_environment or "PYTHONPATH" not in environ):
        # This process has its modules from there, so the workers need it as well.
        kept["PYTHONPATH"] = environ["PYTHONPATH"]
    if (home / "conf").exists():
        kept["SPARK_CONF_DIR"] = NO_FOLDER
    if sys.platform == "linux":
        kept["LC_ALL"] = "C.UTF-8"
    return kept | {
        "SPARK_HOME": str(home),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": NO_PYTHON,
        # Otherwise Spark asks for the address of this machine's own name, which may have none.
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_HOSTNAME": "localhost",
    }


def _is_foreign(name: str) -> bool:
    return name in FOREIGN_NAMES or name.startswith((*FOREIGN_PREFIXES, "PYTHON"))


def replace_environment(environ: MutableMapping[str, str], wanted: Mapping[str, str]) -> None:
    """Make `environ` equal to `wanted`."""
    for name in environ.keys() - wanted.keys():
        del environ[name]
    environ.update(wanted)


def take_spark_environment(master: str) -> None:
    """Give this process, and so all that it starts, the environment for Spark on `master`."""
    replace_environment(os.environ, spark_environment(os.environ, master, own_spark_home()))
