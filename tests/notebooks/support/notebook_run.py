"""Execute a notebook as a reader does, in a kernel of the class environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from scripts.lesson_copies import with_addresses

ROOT = Path(__file__).resolve().parents[3]
CLASS = ROOT / ".venv-class" / "bin"
EXECUTE = Path(__file__).with_name("execute.py")
STREAM = "http://localhost:8000"


def class_python() -> Path:
    """The interpreter of the class environment; a skip without one."""
    python = CLASS / "python"
    if not python.exists():
        pytest.skip(f"there is no {python.parent.parent.name}; `make test` installs it")
    return python


def run(path: Path, environment: dict[str, str], timeout_seconds: float) -> list[str]:
    """Execute a notebook from top to bottom, in a folder of its own; fails with the traceback of a cell that fails.

    Args:
        path: The notebook.
        environment: What the kernel finds in its environment, beside `PATH` and `HOME`. `HASHTAGS_URL` stands in
            for the address of the notebook too.
        timeout_seconds: The most time, for a cell and for all of them.

    Returns:
        What the last code cell prints, as lines.

    """
    return printed(execute(path, environment, timeout_seconds)[-1])


def execute(path: Path, environment: dict[str, str], timeout_seconds: float) -> list[dict[str, Any]]:
    """Execute a notebook as `run` does; returns its code cells with their outputs."""
    python = class_python()
    with tempfile.TemporaryDirectory(prefix="hashtags-notebook-") as folder:
        copy = Path(shutil.copy(path, folder))
        replaced = {STREAM: environment["HASHTAGS_URL"]} if "HASHTAGS_URL" in environment else {}
        copy.write_text(with_addresses(copy.read_text(encoding="utf-8"), replaced), encoding="utf-8")
        done = subprocess.run(
            [str(python), str(EXECUTE), str(copy), str(timeout_seconds)],
            cwd=folder,
            env={"PATH": f"{CLASS}{os.pathsep}{os.environ['PATH']}", "HOME": folder, **environment},
            capture_output=True,
            text=True,
            timeout=timeout_seconds + 30,
            check=False,
        )
    assert done.returncode == 0, f"{path.name}\n{done.stderr[-6000:]}"
    return [cell for cell in json.loads(done.stdout)["cells"] if cell["cell_type"] == "code"]


def printed(cell: dict[str, Any]) -> list[str]:
    """What an executed cell wrote to its standard output, as lines."""
    outputs = [output for output in cell["outputs"] if output.get("name") == "stdout"]
    return "".join("".join(output["text"]) for output in outputs).splitlines()
