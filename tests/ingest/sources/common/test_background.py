"""Work in another thread."""

import threading
from collections.abc import Generator

import pytest

from ingest.sources.common import background
from ingest.sources.common.background import Background

LONG_SECONDS = 30.0


def test_items_come_in_order_and_then_the_end() -> None:
    def items() -> Generator[int, None, None]:
        yield from range(100)

    work = Background(items, name="test", ahead=3)
    assert [work.get(LONG_SECONDS) for _ in range(100)] == list(range(100))
    with pytest.raises(EOFError):
        work.get(LONG_SECONDS)


def test_an_error_of_the_work_is_raised_for_its_consumer() -> None:
    def items() -> Generator[int, None, None]:
        yield 1
        raise OSError("made up")

    work = Background(items, name="test")
    assert work.get(LONG_SECONDS) == 1
    with pytest.raises(OSError, match="made up"):
        work.get(LONG_SECONDS)


def test_nothing_comes_while_the_work_blocks_and_a_stop_ends_the_wait() -> None:
    release, stop = threading.Event(), threading.Event()
    stop.set()
    assert background.call(lambda: release.wait(LONG_SECONDS), stop, name="test") is None
    release.set()


def test_an_abandoned_item_is_released() -> None:
    release, closed, took = threading.Event(), threading.Event(), threading.Event()

    def items() -> Generator[int, None, None]:
        yield 1
        release.wait(LONG_SECONDS)
        try:
            yield 2
            took.set()
        finally:
            closed.set()

    work = Background(items, name="test")
    assert work.get(LONG_SECONDS) == 1
    work.abandon()
    release.set()
    assert closed.wait(LONG_SECONDS)
    assert not took.is_set()


def test_a_call_returns_what_the_work_returns() -> None:
    assert background.call(lambda: 7, threading.Event(), name="test") == 7
