"""Lines of a file, bounded."""

from collections.abc import Callable
from io import BytesIO

import pytest

from ingest.sources.common import lines


def reader(data: bytes, size: int) -> Callable[[int], bytes]:
    """Reads like a pipe: at most `size` bytes at a time."""
    file = BytesIO(data)
    return lambda _: file.read(size)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_lines_are_the_same_however_they_are_cut(size: int) -> None:
    data = b"one\n\ntwo \xff\nlast without end"
    assert list(lines.split(reader(data, size))) == [b"one", b"", b"two \xff", b"last without end"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_line_that_is_too_long_is_skipped_to_its_end(size: int) -> None:
    data = b"12345\n123456\nab\n" + b"x" * 50 + b"\nok\n" + b"y" * 9
    assert list(lines.split(reader(data, size), max_bytes=5)) == [b"12345", None, b"ab", None, b"ok", None]


def test_an_endless_line_does_not_fill_the_memory() -> None:
    chunks = iter([b"z" * 100_000] * 1000)
    assert list(lines.split(lambda _: next(chunks, b""), max_bytes=1000)) == [None]


def test_an_empty_file_has_no_lines() -> None:
    assert list(lines.split(reader(b"", 10))) == []
