"""Put service folders on this environment's import path, so that `python -m ingest` works from anywhere.

A `.pth` file with the folders themselves: from the repository's root a folder `ingest` without `__init__.py` is only a
namespace, and a regular package further down the path goes before it.

Besides, Python processes of Spark get its zipped copy of pyspark put before the installed one, and would translate its
modules anew at every start: half a second each, five times before the first bar. The `.pth` file takes it off the path.
"""

import sys
import sysconfig
from pathlib import Path

UNZIP = 'import sys; sys.path[:] = [entry for entry in sys.path if not entry.endswith("/python/lib/pyspark.zip")]\n'

if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent
    lines = [f"{root / name}\n" for name in sys.argv[1:]]
    Path(sysconfig.get_path("purelib"), "hashtags-live.pth").write_text("".join([*lines, UNZIP]))
