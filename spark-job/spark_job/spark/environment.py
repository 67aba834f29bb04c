"""Environment variables for Spark's Java and its Python workers.

With a local master they belong to this process. They use this interpreter and this Spark, so variables for another
Spark, Java or Python on this machine are removed. On a cluster, the variables of its owner stay.
"""

import os
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path

import pyspark

#: Java would search the installed packages for data sources, which takes half a second before the first query. The job
#: registers its own. Spark skips the search when this program does not exist.
NO_PYTHON = "/nonexistent/python"
NO_FOLDER = "/nonexistent"
#: The GNU C library gives each few threads memory of their own. Java has 250 threads, and 10 MB less with two such
#: arenas. Python's workers have as many as usual: `PYTHON_ARENAS` is the library's own limit.
JAVA_ARENAS, PYTHON_ARENAS = "2", str(8 * (os.cpu_count() or 1))
#: Prefixes of variables that are removed for a local master: one line for each program that reads them.
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
    """There is no Spark in `SPARK_HOME`. Its text is one sentence."""


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
    """The environment without variables that add options to every Java."""
    return {name: value for name, value in environ.items() if name not in JAVA_OPTIONS}


def spark_environment(environ: Mapping[str, str], master: str, home: Path) -> dict[str, str]:
    """The environment for Spark on `master`.

    Args:
        environ: The environment of this process.
        master: `SPARK_MASTER`.
        home: The folder of this process's own Spark.

    Raises:
        NoSparkError: A cluster's `SPARK_HOME` can't be used.

    """
    if is_local(master):
        return _local_environment(environ, home)
    named = environ.get("SPARK_HOME")
    if named is not None and not is_spark_home(Path(named)):
        raise NoSparkError(f"SPARK_HOME: there is no Spark in {named!r}; without it, the installed pyspark is used")
    # Without it, Spark uses the first `python3` on the path, which may lack pyarrow.
    return {"PYSPARK_PYTHON": sys.executable, **environ, "PYSPARK_DRIVER_PYTHON": NO_PYTHON}


def _local_environment(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    result = {name: value for name, value in environ.items() if not _is_foreign(name)}
    if not (sys.flags.ignore_environment or "PYTHONPATH" not in environ):
        # This process has its modules from there, so the workers need it as well.
        result["PYTHONPATH"] = environ["PYTHONPATH"]
    if (home / "conf").exists():
        result["SPARK_CONF_DIR"] = NO_FOLDER
    if sys.platform == "linux":
        result["LC_ALL"] = "C.UTF-8"
    result.setdefault("MALLOC_ARENA_MAX", JAVA_ARENAS)
    return result | {
        "SPARK_HOME": str(home),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": NO_PYTHON,
        # Without them, Spark looks up this machine's own name, which may have no address.
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


def use_spark_environment(master: str) -> None:
    """Change the environment of this process, and of all processes that it starts, to that for Spark on `master`."""
    replace_environment(os.environ, spark_environment(os.environ, master, own_spark_home()))
