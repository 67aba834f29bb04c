"""A pytest of its own, with this project's hooks."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFTEST = """
from tests.conftest import *
"""


def run_pytest(folder: Path, code: str, *options: str, **environment: str) -> str:
    """What it says of the tests in `code`."""
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_made.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", folder, folder, "-q", *options],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr
