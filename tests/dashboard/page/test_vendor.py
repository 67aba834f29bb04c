from __future__ import annotations

import subprocess
import sys

from tests.dashboard.conftest import ROOT


def test_the_vendored_libraries_are_the_ones_that_were_chosen() -> None:
    checked = subprocess.run(
        [sys.executable, str(ROOT / "scripts/vendor.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")
