"""Code for executors imports nothing that a cluster's Python may lack."""

import ast
import sys
from pathlib import Path

import spark_job.executor

PACKAGE = Path(spark_job.executor.__path__[0])
ALLOWED = sys.stdlib_module_names | {"pyspark", "pyarrow"}
#: Modules outside the folder that import the standard library only.
HELPERS = {"spark_job.log_lines"}


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
        assert {name.split(".")[0] for name in imports(path) - own} <= ALLOWED, path


def test_its_helpers_import_the_standard_library_only() -> None:
    for name in HELPERS:
        path = PACKAGE.parent / f"{name.removeprefix('spark_job.')}.py"
        assert {module.split(".")[0] for module in imports(path)} <= sys.stdlib_module_names, path
