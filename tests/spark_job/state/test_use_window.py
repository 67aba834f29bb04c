"""Uses that enter and leave a window, against a plain recount: by columns, by a dictionary, and by both in turns."""

import random
from collections.abc import Callable

import pyarrow as pa
import pytest

from spark_job.state.use_window import FEW_PANES, FEW_USES, UseWindow

Panes = dict[int, list[int]]


def columns(panes: Panes) -> dict[int, pa.Array]:
    return {at_ms: pa.array(uses, pa.uint64()) for at_ms, uses in panes.items()}


def new(panes: Panes, window: Panes) -> list[int]:
    """For each use of `panes` whether neither `window` nor what is before it in `panes` has it."""
    seen = {use for uses in window.values() for use in uses}
    flags = []
    for uses in panes.values():
        for use in uses:
            flags.append(int(use not in seen))
            seen.add(use)
    return flags


def gone(panes: Panes, window: Panes) -> set[int]:
    return {use for uses in panes.values() for use in uses} - {use for uses in window.values() for use in uses}


def flagged(panes: Panes, flags: list[int]) -> list[int]:
    uses = [use for of_pane in panes.values() for use in of_pane]
    return sorted(use for use, flag in zip(uses, flags, strict=True) if flag)


@pytest.mark.parametrize("looks_up", [lambda _: False, lambda _: True, lambda rand: rand.random() < 0.3])
@pytest.mark.parametrize("seed", range(3))
def test_each_use_is_new_once_and_gone_once(seed: int, looks_up: Callable[[random.Random], bool]) -> None:
    rand = random.Random(seed)
    found, window, at_ms = UseWindow(), Panes(), 0
    for _ in range(60):
        count = rand.choice([1, 1, 1, FEW_PANES, FEW_PANES + 2])
        # Some uses come twice in a pane, and the greatest need all 64 bits.
        entering = {
            at_ms + number: [2**64 - 1 - rand.randrange(60) ** 2 for _ in range(rand.choice([0, 5, 40]))]
            for number in range(count)
        }
        at_ms += count
        assert found.enter(columns(entering)).to_pylist() == new(entering, window)
        window |= entering
        if looks_up(rand):
            wanted = [*range(50), *(2**64 - 1 - number**2 for number in range(60))]
            seen = {use for uses in window.values() for use in uses}
            assert found.lacks(pa.array(wanted, pa.uint64())).to_pylist() == [int(use not in seen) for use in wanted]
        leaving = {start: window.pop(start) for start in sorted(window) if start < at_ms - 8}
        flags = found.leave(columns(leaving)).to_pylist()
        assert flagged(leaving, flags) == sorted(gone(leaving, window))
        assert len(found) == sum(map(len, window.values()))


def test_many_uses_are_looked_up_like_few() -> None:
    found = UseWindow()
    found.enter(columns({1: [1, 2], 2: [2, 3]}))
    wanted = [*range(FEW_USES + 1)]
    flags = found.lacks(pa.array(wanted, pa.uint64())).to_pylist()
    assert [use for use, flag in zip(wanted, flags, strict=True) if not flag] == [1, 2, 3]
    assert found.lacks(pa.array(wanted[:5], pa.uint64())).to_pylist() == flags[:5]
