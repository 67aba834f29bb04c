"""Spark's configuration, and a cluster whose workers lack this project's package until the job sends it."""

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyspark
import pytest
from tests.processes import free_ports, wait_until
from tests.spark_job.conftest import T
from tests.spark_job.support.fake_dashboard import FakeDashboard
from tests.spark_job.support.fake_ingest import FakeIngest, post
from tests.spark_job.support.job_process import JobProcess

from spark_job.settings import Settings
from spark_job.spark.java import java_home
from spark_job.spark.session import spark_conf

#: A variable that only the processes of the cluster have.
CLUSTER = "OF_THE_CLUSTER"
DAEMON = "spark.python.daemon.module"
START_SECONDS = 120.0
END_SECONDS = 60.0


def test_only_workers_that_are_known_to_have_our_daemon_are_told_to_use_it(tmp_path: Path) -> None:
    local = Settings.model_construct(spark_master="local[*]")
    assert spark_conf(local, tmp_path)[DAEMON] == "spark_job.executor.worker_daemon"
    cluster = Settings.model_construct(spark_master="spark://somewhere:7077")
    assert DAEMON not in spark_conf(cluster, tmp_path)


@pytest.fixture
def interpreter(tmp_path: Path) -> Path:
    """An interpreter with pyspark and pyarrow. In the processes of the cluster it can't import this project."""
    path = tmp_path / "interpreter"
    foreign = f'PYTHONPATH="{sysconfig.get_path("purelib")}" exec "{sys.executable}" -S "$@"'
    path.write_text(f'#!/bin/sh\n[ -z "${CLUSTER}" ] || {foreign}\nexec "{sys.executable}" "$@"\n')
    path.chmod(0o755)
    imports = [str(path), "-c", "import pyspark, pyarrow, spark_job"]
    tried = subprocess.run(imports, cwd=tmp_path, env={CLUSTER: "1"}, capture_output=True, text=True, check=False)
    assert "No module named 'spark_job'" in tried.stderr
    return path


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """A master and a worker of Spark on this machine; the address of the master."""
    java = java_home(os.environ, Path(sys.prefix))
    environment = {"PATH": os.environ["PATH"], "JAVA_HOME": str(java), "SPARK_LOCAL_IP": "127.0.0.1", CLUSTER: "1"}
    start = [str(Path(pyspark.__file__).parent / "bin" / "spark-class")]
    port, master_page, worker_page = (str(port) for port in free_ports(3))
    address = f"spark://127.0.0.1:{port}"
    deploy = "org.apache.spark.deploy"
    commands = (
        [*start, f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", port, "--webui-port", master_page],
        [
            *(*start, f"{deploy}.worker.Worker", "--host", "127.0.0.1", "--webui-port", worker_page),
            *("--cores", "1", "--memory", "1g", "--work-dir", str(folder / "work"), address),
        ],
    )
    said = folder / "cluster.txt"
    running: list[subprocess.Popen[bytes]] = []
    try:
        with said.open("wb") as log:
            running += [
                subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log) for command in commands
            ]
        wait_until(lambda: "Successfully registered with master" in said.read_text(), "a worker", START_SECONDS)
        yield address
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(END_SECONDS)


@pytest.mark.spark
def test_a_cluster_whose_workers_lack_this_package_counts(
    tmp_path: Path, interpreter: Path, ingest: FakeIngest
) -> None:
    for n in range(20):
        ingest.append(post([f"tag{n % 3}"], T + n))
    with FakeDashboard() as dashboard, cluster(tmp_path) as address:
        settings = {
            "INGEST_PORT": ingest.port,
            "DASHBOARD_URL": dashboard.url,
            "SPARK_MASTER": address,
            "DRIVER_HOST": "127.0.0.1",
            "PYSPARK_PYTHON": interpreter,
        }
        with JobProcess(Path(sys.executable), tmp_path / "run", **settings) as job:
            dashboard.wait_for(lambda newest: newest["total"]["posts"] == 20, START_SECONDS)
            assert not re.search(r"Traceback| ERROR ", job.said)
