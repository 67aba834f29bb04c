"""Code that runs on executors. It imports pyspark, pyarrow and the standard library only."""

import importlib.util
import sys

# With each Python value that it converts, pyarrow tries to import dateutil, and Python searches all folders for it:
# 40 microseconds each time, for nothing. A module that is None is known to be missing.
if importlib.util.find_spec("dateutil") is None:
    sys.modules["dateutil"] = None  # type: ignore[assignment]
