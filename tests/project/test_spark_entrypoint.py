"""The entry point of the Spark image as Kubernetes calls it: with the variables that Spark gives to its own image."""

import subprocess
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "spark-job" / "entrypoint.sh"
GIVEN = {
    "SPARK_JAVA_OPT_0": "-Dspark.driver.port=7078",
    "SPARK_JAVA_OPT_1": "-Dname=two words; and a $sign",
    "SPARK_EXECUTOR_MEMORY": "768m",
    "SPARK_EXECUTOR_CORES": "2",
    "SPARK_EXECUTOR_ID": "1",
    "SPARK_EXECUTOR_POD_IP": "10.0.0.7",
    "SPARK_EXECUTOR_POD_NAME": "hashtags-live-exec-1",
    "SPARK_APPLICATION_ID": "spark-1",
    "SPARK_RESOURCE_PROFILE_ID": "0",
    "SPARK_DRIVER_URL": "spark://CoarseGrainedScheduler@spark-job:7078",
    "SPARK_HOME": "/opt/spark",
}


def test_an_executor_gets_all_that_spark_gives_it(tmp_path: Path) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    java.chmod(0o755)
    environment = GIVEN | {"JAVA_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    said = subprocess.run(
        ["sh", SCRIPT, "executor"], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert said.splitlines() == [
        GIVEN["SPARK_JAVA_OPT_0"],
        GIVEN["SPARK_JAVA_OPT_1"],
        "-Dspark.master=k8s://",
        *("-Xms768m", "-Xmx768m", "-cp", "/opt/spark/jars/*"),
        "org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend",
        *("--driver-url", "spark://CoarseGrainedScheduler@spark-job:7078", "--executor-id", "1", "--cores", "2"),
        *("--app-id", "spark-1", "--hostname", "10.0.0.7", "--resourceProfileId", "0"),
        *("--podName", "hashtags-live-exec-1"),
    ]


def test_a_role_that_there_is_not_is_said() -> None:
    done = subprocess.run(["sh", SCRIPT, "driver"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "not driver" in done.stderr
