"""Code that runs on executors. It imports pyspark, pyarrow and the standard library only."""

import importlib.util
import os
import sys

# With each Python value that it converts, pyarrow tries to import dateutil, and Python searches all folders for it:
# 40 microseconds each time, for nothing. A module that is None is known to be missing.
if importlib.util.find_spec("dateutil") is None:
    sys.modules["dateutil"] = None  # type: ignore[assignment]

# Arrow's own allocator never gave back the memory of a large micro-batch: 40 MB in the driver, 25 MB in each worker.
# The C library gives it back, see `free_memory.py`.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
