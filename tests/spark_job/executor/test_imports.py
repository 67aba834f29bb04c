"""Code for executors imports nothing that a cluster's Python may lack."""

import ast
import subprocess
import sys
from pathlib import Path

import spark_job.executor

PACKAGE = Path(spark_job.executor.__path__[0])
ALLOWED = sys.stdlib_module_names | {"pyspark", "pyarrow"}
#: Modules outside the folder that import the standard library only.
HELPERS = {"spark_job.log_lines"}
#: Only these may import confluent-kafka, and others import them only where the log is on Kafka.
OF_KAFKA = {"kafka_errors.py", "kafka_reader.py", "topic_ends.py"}


def imports(path: Path) -> set[str]:
    """Absolute names of the modules that a file imports, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_executor_code_imports_pyspark_pyarrow_and_the_standard_library_only() -> None:
    files = sorted(PACKAGE.glob("*.py"))
    assert len(files) > 5
    for path in files:
        own = {name for name in imports(path) if name.startswith("spark_job")}
        assert all(name.startswith("spark_job.executor") or name in HELPERS for name in own), path
        allowed = ALLOWED | {"confluent_kafka"} if path.name in OF_KAFKA else ALLOWED
        assert {name.split(".")[0] for name in imports(path) - own} <= allowed, path


def test_the_data_sources_are_imported_without_confluent_kafka() -> None:
    modules = "spark_job.executor.data_source, spark_job.executor.kafka_source"
    code = f"import sys, {modules}; print('confluent_kafka' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "False\n"


def test_its_helpers_import_the_standard_library_only() -> None:
    for name in HELPERS:
        path = PACKAGE.parent / f"{name.removeprefix('spark_job.')}.py"
        assert {module.split(".")[0] for module in imports(path)} <= sys.stdlib_module_names, path
