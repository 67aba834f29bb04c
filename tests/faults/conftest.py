import os
import random
import sys
from pathlib import Path

import pytest
from tests.faults.supervisor import ROOT

NEWEST = Path(sys.executable)
OLDEST = ROOT / ".venv-spark-4.0" / "bin" / "python"


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """What load and choices are made from; KILL_SEED sets it."""
    number = int(os.environ.get("KILL_SEED") or random.SystemRandom().randrange(2**31))
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        sys.stderr.write(f"\nKILL_SEED={number}\n")
    return number


@pytest.fixture(params=[NEWEST, OLDEST], ids=["newest", "4.0"])
def python(request: pytest.FixtureRequest) -> Path:
    """The interpreter whose Spark the job runs on."""
    path: Path = request.param
    if not path.exists():
        pytest.skip(f"no Spark 4.0 in {path.parent.parent.name}; `make test` installs it")
    return path
