"""Every module of the job can be imported by the Python of Spark's images, which is older than the one of the tests."""

import subprocess

import pytest
from tests.spark_job.support.job_process import ROOT

PYTHON = ROOT / ".venv-sparks" / "4.0" / "bin" / "python"
IMPORT_ALL = """
import importlib, pkgutil, spark_job
for module in pkgutil.walk_packages(spark_job.__path__, "spark_job."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


@pytest.mark.slow
def test_every_module_can_be_imported_on_the_oldest_python() -> None:
    if not PYTHON.exists():
        pytest.skip("there is no .venv-sparks/4.0; `make test` installs it")
    environment = {"PYTHONPATH": str(ROOT / "spark-job"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([PYTHON, "-c", IMPORT_ALL], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
