"""Runs the unit tests of the page's scripts, the files `*.test.js` in this folder."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from tests.dashboard.conftest import ROOT


def test_the_unit_tests_of_the_scripts() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    tests = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests/dashboard/static").rglob("*.test.js"))
    assert tests
    ran = subprocess.run([node, "--test", *tests], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
