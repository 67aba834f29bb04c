"""A container of a service has what its requirements name, and nothing else. The environment of the tests has more."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: What the image of Spark has.
OF_SPARK = {"pyspark", "py4j"}


def imported(package: Path) -> Iterator[tuple[str, Path]]:
    """The first names of all modules that the files of a package import, also within functions."""
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((name.name.partition(".")[0], file) for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0], file


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    ("folder", "package", "more"),
    [("ingest", "ingest", set()), ("spark-job", "spark_job", OF_SPARK), ("dashboard", "dashboard", set())],
)
def test_a_service_imports_only_what_its_requirements_install(folder: str, package: str, more: set[str]) -> None:
    lines = (ROOT / folder / "requirements.txt").read_text().splitlines()
    installed = {normalized(line.partition("==")[0].partition("[")[0]) for line in lines if "==" in line} | more
    owners = packages_distributions()
    own = {package, *sys.stdlib_module_names}
    missing = {
        f"{file.relative_to(ROOT)}: {module}"
        for module, file in imported(ROOT / folder / package)
        if module not in own and not {normalized(name) for name in owners.get(module, [])} & installed
    }
    assert missing == set()
