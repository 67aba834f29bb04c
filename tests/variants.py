"""When the time is short, one variant of each test runs first, and what the end of the time finds is left out.

A test with parameters has variants. With `TESTS_UNTIL` (seconds since 1970) one variant of each test runs first, then
the others. After that time no other variant begins; the first ones always run. Without `TESTS_UNTIL` all run, in their
order.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LEFT_OUT = pytest.StashKey[bool]()
WHY = "the time is over, and another variant of this test runs"


@dataclass(frozen=True)
class Deadline:
    """When variants stop to begin.

    Args:
        at_seconds: Seconds since 1970.
        seed: Decides which variant of a test is the first. In the long run each should be.

    """

    at_seconds: float
    seed: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Deadline | None:
        """The one that the environment asks for."""
        until = environment.get("TESTS_UNTIL")
        return cls(float(until), environment.get("TESTS_SEED", "")) if until else None

    def first_variants(self, tests: Sequence[str]) -> set[str]:
        """One variant of each test, by their ids."""
        variants = defaultdict(list)
        for test in tests:
            variants[test.partition("[")[0]].append(test)
        return {every[crc32(f"{self.seed} {name}".encode()) % len(every)] for name, every in variants.items()}


class VariantOrder:
    """The plugin for a run that has a deadline."""

    def __init__(self, deadline: Deadline, now_seconds: Callable[[], float]) -> None:
        """`now_seconds`: seconds since 1970."""
        self._deadline = deadline
        self._now_seconds = now_seconds
        self._first: set[str] = set()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """After `-m` has selected."""
        self._first = self._deadline.first_variants([item.nodeid for item in items])
        items.sort(key=lambda item: item.nodeid not in self._first)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if item.nodeid not in self._first and self._now_seconds() > self._deadline.at_seconds:
            item.stash[LEFT_OUT] = True
            pytest.skip(WHY)


def left_out(skipped: Sequence[pytest.TestReport]) -> str | None:
    """How many variants did not run, as a sentence. None: all ran."""
    number = sum(WHY in str(report.longrepr) for report in skipped)
    if not number:
        return None
    return f"This machine is slow: {number} variants of tests did not run, of each of which another variant ran"
