"""Memory that a backlog needed is given back when the backlog is counted."""

import ctypes
import subprocess
import sys

import pytest

from spark_job.executor.free_memory import LARGE_POSTS, SMALL_WORK, FreeMemory

MIB = 1 << 20
#: Counts a large slice in Arrow's threads, as a task does, then small ones. Prints the memory before, full and after.
COUNT = """
from spark_job.executor.free_memory import LARGE_POSTS, SMALL_WORK, FreeMemory
import pyarrow as pa

def resident():
    with open("/proc/self/statm") as pages:
        return int(pages.read().split()[1]) * 4096

def count(posts):
    numbers = pa.array(range(posts), pa.int64())
    tags = pa.table({"tag": numbers.cast(pa.string()), "posts": numbers})
    tags = pa.concat_tables([tags] * 10).combine_chunks()
    return tags.group_by(["tag", "posts"]).aggregate([("posts", "sum")]).num_rows

memory = FreeMemory()
for slices in ([100], [20 * LARGE_POSTS], [100] * SMALL_WORK):
    for posts in slices:
        count(posts)
        memory.note_work(posts)
    print(resident())
"""


def test_small_work_after_large_work_gives_memory_back_once() -> None:
    given: list[str] = []
    memory = FreeMemory(lambda: given.append("back"))
    small = [LARGE_POSTS - 1] * (SMALL_WORK - 1)
    for posts in (*small, 1, 1, LARGE_POSTS, *small, LARGE_POSTS, *small):
        memory.note_work(posts)
    assert given == []
    for _ in range(2 * SMALL_WORK):
        memory.note_work(1)
    assert given == ["back"]


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library")
def test_a_process_that_has_counted_a_backlog_needs_little_more_than_before() -> None:
    done = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, check=True, timeout=240)
    before, full, after = (int(line) for line in done.stdout.split())
    assert after <= full
    assert after - before < 50 * MIB
