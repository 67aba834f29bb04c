import os
import random
import sys

import pytest


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """What load and choices are made from; KILL_SEED sets it."""
    number = int(os.environ.get("KILL_SEED") or random.SystemRandom().randrange(2**31))
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        sys.stderr.write(f"\nKILL_SEED={number}\n")
    return number
