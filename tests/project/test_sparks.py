"""How the versions of Spark for the tests are installed."""

import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from scripts import sparks


def spark_file(folder: Path) -> Path:
    """A file as PyPI has it of pyspark, with one file of each kind."""
    py4j = io.BytesIO()
    with zipfile.ZipFile(py4j, "w") as archive:
        archive.writestr("py4j/__init__.py", "")
    contents = {
        "setup.py": b"",
        "pyspark/__init__.py": b"",
        "deps/jars/spark-core.jar": b"jar",
        "deps/bin/spark-submit": b"#!/bin/sh\n",
        "deps/examples/pi.py": b"",
        "lib/py4j-0.10.9.9-src.zip": py4j.getvalue(),
    }
    path = folder / "pyspark-4.1.4.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(f"pyspark-4.1.4/{name}")
            member.size, member.mode = len(content), 0o755 if "/bin/" in name else 0o644
            archive.addfile(member, io.BytesIO(content))
    return path


def test_the_files_of_spark_are_where_an_installation_has_them(tmp_path: Path) -> None:
    sparks.unpack(spark_file(tmp_path), tmp_path / "packages")
    packages = tmp_path / "packages"
    assert {str(path.relative_to(packages)) for path in packages.rglob("*") if path.is_file()} == {
        "pyspark/__init__.py",
        "pyspark/jars/spark-core.jar",
        "pyspark/bin/spark-submit",
        "pyspark/python/lib/py4j-0.10.9.9-src.zip",
        "py4j/__init__.py",
    }
    subprocess.run([packages / "pyspark" / "bin" / "spark-submit"], check=True)


def test_a_python_that_is_not_here_is_replaced_by_this_one() -> None:
    assert sparks.interpreter("3.1") == Path(sys.executable)


def test_a_python_that_does_not_run_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shim = tmp_path / "python3.10"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sparks, "PYENV", tmp_path / "none")
    assert sparks.interpreter("3.10") == Path(sys.executable)


def test_the_versions_are_those_of_the_locks() -> None:
    for version in sparks.VERSIONS:
        assert f"pyspark=={version.name}." in (sparks.ROOT / version.lock).read_text()
