"""What other tools have set on a machine does not reach a local Spark; a cluster's own settings do."""

import os
import sys
from pathlib import Path

import pytest
from tests.hostile import hostile_environment

from spark_job.spark.environment import (
    JAVA_ARENAS,
    NO_FOLDER,
    NO_PYTHON,
    NoSparkError,
    is_spark_home,
    own_spark_home,
    replace_environment,
    spark_environment,
    without_java_options,
)

LOCAL_MASTERS = ["local", "local[2]", "local[*]"]
CLUSTER_MASTERS = ["spark://master:7077", "k8s://https://master:6443", "yarn"]
KEPT = {"PATH": "/usr/bin", "USER": "ada", "TZ": "Europe/Berlin", "SSL_CERT_FILE": "/etc/certificates", "DISPLAY": ":0"}


def spark_in(folder: Path) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "spark-submit").touch()
    (folder / "jars").mkdir()
    return folder


def test_the_imported_pyspark_has_a_spark_of_its_own() -> None:
    assert is_spark_home(own_spark_home())


@pytest.mark.parametrize("master", LOCAL_MASTERS)
def test_a_local_spark_gets_nothing_of_another_spark_java_or_hadoop(tmp_path: Path, master: str) -> None:
    hostile = hostile_environment(tmp_path)
    found = spark_environment({**hostile, **KEPT}, master, Path("/own"))
    own = {
        "SPARK_HOME": "/own",
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": NO_PYTHON,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_HOSTNAME": "localhost",
        "LC_ALL": "C.UTF-8",
        "MALLOC_ARENA_MAX": JAVA_ARENAS,
    }
    for name in hostile:
        if name.startswith(("SPARK", "PYSPARK", "HADOOP", "HIVE", "YARN", "JDK", "_JAVA", "JAVA_TOOL", "LANG", "LC_")):
            assert found.get(name) == own.get(name), name
    assert found.items() >= {**own, **KEPT}.items()


def test_who_has_chosen_how_many_arenas_there_are_keeps_them() -> None:
    assert spark_environment({"MALLOC_ARENA_MAX": "5"}, "local[*]", Path("/own"))["MALLOC_ARENA_MAX"] == "5"


@pytest.mark.parametrize(
    "name", ["CLASSPATH", "MASTER", "DEPLOY_MODE", "CONTAINER_ID", "LOCAL_DIRS", "BASH_ENV", "CDPATH"]
)
def test_names_that_spark_reads_without_a_prefix_are_dropped(name: str) -> None:
    assert name not in spark_environment({name: "x"}, "local[*]", Path("/own"))


def test_the_workers_have_the_modules_that_this_process_has() -> None:
    """Tests, and whoever has no virtual environment, start the job with a PYTHONPATH."""
    given = {"PYTHONPATH": "/modules", "PYTHONHOME": "/gone", "PYTHONWARNINGS": "error"}
    found = spark_environment(given, "local[*]", Path("/own"))
    assert {name: value for name, value in found.items() if name.startswith("PYTHON")} == {"PYTHONPATH": "/modules"}


def test_settings_in_the_folder_of_a_local_spark_are_passed_over(tmp_path: Path) -> None:
    home = spark_in(tmp_path / "spark")
    assert "SPARK_CONF_DIR" not in spark_environment({"SPARK_CONF_DIR": "/conf"}, "local", home)
    (home / "conf").mkdir()
    assert spark_environment({}, "local", home)["SPARK_CONF_DIR"] == NO_FOLDER


@pytest.mark.parametrize("master", CLUSTER_MASTERS)
def test_a_clusters_settings_are_respected(tmp_path: Path, master: str) -> None:
    given = {
        "SPARK_HOME": str(spark_in(tmp_path / "spark")),
        "SPARK_CONF_DIR": "/conf",
        "SPARK_LOCAL_DIRS": "/disk",
        "HADOOP_CONF_DIR": "/hadoop",
        "PYSPARK_PYTHON": "/opt/python",
        "PYSPARK_SUBMIT_ARGS": "--properties-file /conf pyspark-shell",
        "JAVA_TOOL_OPTIONS": "-Xss4m",
        "LC_ALL": "C",
    }
    assert spark_environment(given, master, Path("/own")) == given | {"PYSPARK_DRIVER_PYTHON": NO_PYTHON}
    assert spark_environment({}, master, Path("/own"))["PYSPARK_PYTHON"] == sys.executable


@pytest.mark.parametrize("master", CLUSTER_MASTERS)
def test_a_spark_home_without_a_spark_is_named_for_a_cluster(tmp_path: Path, master: str) -> None:
    with pytest.raises(NoSparkError, match=r"^SPARK_HOME: there is no Spark in '.*gone'"):
        spark_environment({"SPARK_HOME": str(tmp_path / "gone")}, master, Path("/own"))


def test_options_that_every_java_obeys_are_dropped() -> None:
    given = {"JAVA_TOOL_OPTIONS": "a", "_JAVA_OPTIONS": "b", "JDK_JAVA_OPTIONS": "c", "JAVA_HOME": "/java"}
    assert without_java_options(given) == {"JAVA_HOME": "/java"}


def test_an_environment_is_replaced_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"a": "1", "b": "2"}
    replace_environment(environ, {"b": "3", "c": "4"})
    assert environ == {"b": "3", "c": "4"}
    monkeypatch.setenv("SPARK_REMOTE", "sc://nowhere.invalid")
    assert "SPARK_REMOTE" not in spark_environment(os.environ, "local", Path("/own"))
