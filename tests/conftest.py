"""What holds for every test: under STRICT=1 a skip is a failure."""

import os
from collections.abc import Generator

import pytest

STRICT = os.environ.get("STRICT", "") not in {"", "0"}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure that gives the skip's reason."""
    report = yield
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} must not be skipped under STRICT=1: {reason}"
    return report
