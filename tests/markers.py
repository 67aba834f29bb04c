"""What a test needs is a marker: `browser`, `spark`, `docker`, `kafka`, `slow`. Fixtures and folders decide most.

`make test-fast` runs what has none of these markers, so a test without the marker must not start such a program.
`refuse` holds the tests to it: it sees each program that a test starts.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

TESTS = Path(__file__).resolve().parent


class Rule(NamedTuple):
    """A test below `folder` that uses the fixture `fixture` (any test, if that is `None`) gets `marker`."""

    folder: str
    fixture: str | None
    marker: str


RULES = (
    Rule("", "browser", "browser"),
    # The interpreter for the job: its tests run on two versions of Spark.
    Rule("", "python", "spark"),
    Rule("", "kafka_jars", "kafka"),
    Rule("end_to_end", None, "spark"),
    # `make run` must end within ten seconds, which the tests of kills beside it don't leave to it.
    Rule("end_to_end", None, "alone"),
    Rule("compose", None, "docker"),
    Rule("compose", None, "alone"),
    # The seed of the tests that kill processes for minutes.
    Rule("faults", "seed", "slow"),
    # These start a service as a process of its own.
    Rule("dashboard", "dashboard", "slow"),
    Rule("notebooks", "dashboard", "slow"),
    Rule("ingest", "start", "slow"),
)
# What no test starts without the marker. Playwright starts its driver, and the driver starts Chromium.
# `--help` and `--version` start nothing.
PROGRAMS = {
    "browser": re.compile(r"chromium|playwright.* run-driver"),
    "spark": re.compile(
        r"-m spark_job(?! --(help|version))|scripts/run\.py|SparkSession|start_session|bench\.baselines\.(?!limit)"
    ),
    "docker": re.compile(r"^(\S*/)?docker "),
    "kafka": re.compile(r" kafka\.Kafka "),
    "slow": re.compile(r"-m (ingest|dashboard)$"),
}


class UnmarkedTestError(BaseException):
    """A test starts a program without the marker for it. No test catches this by accident: it is no `Exception`."""


def add_markers(items: Iterable[pytest.Item]) -> None:
    """Mark each test by its folder and its fixtures."""
    for item in items:
        for marker in markers(item.path, getattr(item, "fixturenames", ())):
            item.add_marker(marker)


def markers(path: Path, fixtures: Iterable[str]) -> set[str]:
    """The markers that the rules give to a test in the file `path`."""
    return {rule.marker for rule in _rules(path) if rule.fixture is None or rule.fixture in fixtures}


@cache
def _rules(path: Path) -> list[Rule]:
    """Those of its folder."""
    return [rule for rule in RULES if path.is_relative_to(TESTS / rule.folder)]


def missing_marker(command: str, markers: Iterable[str]) -> str | None:
    """The marker that a test with these markers lacks to start `command`; a service needs any of the five."""
    has = PROGRAMS.keys() & markers
    lacks = [marker for marker, program in PROGRAMS.items() if marker not in has and program.search(command)]
    return next((marker for marker in lacks if marker != "slow" or not has), None)


class ProgramWatch:
    """Refuses programs for which the running test has no marker."""

    def __init__(self) -> None:
        self._test: pytest.Item | None = None
        sys.addaudithook(self._look)

    def _look(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event != "subprocess.Popen" or self._test is None:
            return
        given = arguments[1]
        command = str(given) if isinstance(given, (str, bytes, Path)) else " ".join(map(str, given))
        marker = missing_marker(command, {mark.name for mark in self._test.iter_markers()})
        if marker is not None:
            raise UnmarkedTestError(f"{self._test.nodeid} starts a program that needs the marker {marker!r}: {command}")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self._test = item
        try:
            return (yield)
        finally:
            self._test = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self) -> None:
        """Fixtures of a whole run end with its last test, and may start programs for which that has no marker."""
        self._test = None
