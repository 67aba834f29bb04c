"""The job on Kubernetes with the settings of the manifests: an API of the tests starts its executors as processes."""

import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyspark
import pytest
import yaml
from kubernetes_validate import validate
from tests.processes import free_ports, wait_until
from tests.spark_job.conftest import T
from tests.spark_job.support.fake_dashboard import FakeDashboard
from tests.spark_job.support.fake_ingest import FakeIngest, post
from tests.spark_job.support.fake_kubernetes import ROOT, FakeKubernetes, inherited
from tests.spark_job.support.job_process import JobProcess

from spark_job.spark.java import java_home

SECRET = "0123456789abcdef" * 4
START_SECONDS = 120.0
#: Spark waits a second for the pod of the driver to be ready, which it is only with executors, and then makes them.
HARMLESS = "spark.Utils: Uncaught exception in thread"


@pytest.fixture
def kubernetes(tmp_path: Path) -> Iterator[FakeKubernetes]:
    """An API whose image has this interpreter and its Spark."""
    image = {
        "JAVA_HOME": str(java_home(os.environ, Path(sys.prefix))),
        "SPARK_HOME": str(Path(pyspark.__file__).parent),
        "PYSPARK_PYTHON": sys.executable,
    }
    with FakeKubernetes(tmp_path / "pods", inherited() | image) as fake:
        fake.add_driver("spark-job-0")
        yield fake


def spark_conf(folder: Path) -> Path:
    """The settings of the ConfigMap, with paths and ports of this test, and one executor that is listed each second."""
    (data,) = [
        each["data"]
        for each in yaml.safe_load_all((ROOT / "deploy" / "kubernetes" / "settings.yaml").read_text())
        if each["metadata"]["name"] == "spark"
    ]
    (folder / "executor.yaml").write_text(data["executor.yaml"])
    (folder / "secret").write_text(SECRET)
    (port,) = free_ports(1)
    own = {
        "spark.kubernetes.executor.podTemplateFile": folder / "executor.yaml",
        "spark.authenticate.secret.file": folder / "secret",
        "spark.driver.port": port,
        "spark.blockManager.port": 0,
        "spark.executor.instances": 1,
        "spark.executor.cores": 1,
        "spark.kubernetes.executor.apiPollingInterval": "1s",
        "spark.executor.extraJavaOptions": "-XX:+UseSerialGC",
    }
    conf: str = data["spark.conf"]
    for name in own:
        conf = re.sub(rf"(?m)^{re.escape(name)} .*\n", "", conf)
    path = folder / "spark.conf"
    path.write_text(conf + "".join(f"{name} {value}\n" for name, value in own.items()))
    return path


@pytest.mark.spark
def test_executors_that_spark_requests_from_kubernetes_count_all_posts(
    tmp_path: Path, kubernetes: FakeKubernetes, ingest: FakeIngest
) -> None:
    for n in range(20):
        ingest.append(post([f"tag{n % 3}"], T + n))
    with FakeDashboard() as dashboard:
        settings = {
            "INGEST_PORT": ingest.port,
            "DASHBOARD_URL": dashboard.url,
            "SPARK_MASTER": f"k8s://{kubernetes.url}",
            "DRIVER_HOST": "127.0.0.1",
            "PYSPARK_SUBMIT_ARGS": f"--properties-file {spark_conf(tmp_path)} pyspark-shell",
        }
        with JobProcess(Path(sys.executable), tmp_path / "run", **settings) as job:
            dashboard.wait_for(lambda newest: newest["total"]["posts"] == 20, START_SECONDS)
            (pod,) = kubernetes.executors()
            check_pod(pod)
            (executor,) = kubernetes.processes.values()
            job.signal(signal.SIGTERM)
            assert job.ends() == 0
            assert "Traceback" not in job.said
            errors = [line for line in job.said.splitlines() if " ERROR " in line]
            assert len(errors) <= 1, errors
            assert all(HARMLESS in line for line in errors), errors
            wait_until(lambda: executor.poll() is not None, "an end of the executor", 60)


def check_pod(pod: dict[str, Any]) -> None:
    """A pod that Kubernetes accepts, as confined as the template says, with the secret in no variable."""
    validate({name: value for name, value in pod.items() if name != "status"}, "1.37", strict=True)
    assert pod["metadata"]["labels"]["app.kubernetes.io/name"] == "spark-executor"
    assert pod["metadata"]["ownerReferences"][0]["name"] == "spark-job-0"
    spec = pod["spec"]
    assert (spec["automountServiceAccountToken"], spec["securityContext"]["runAsUser"]) == (False, 1001)
    (container,) = spec["containers"]
    assert container["args"] == ["executor"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert {"/tmp", "/secrets/spark"} <= {mount["mountPath"] for mount in container["volumeMounts"]}
    assert container["resources"]["limits"]["memory"] == "2304Mi"
    assert SECRET not in str(pod)
