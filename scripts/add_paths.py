"""Put service folders on this environment's import path, so that `python -m ingest` works from anywhere.

It writes a `.pth` file with these folders. From the repository's root, the folder `ingest` without `__init__.py` is
only a namespace package, and a regular package further down the path has priority over it.

Spark also puts its zipped copy of pyspark before the installed one on the path of its Python processes. They would
compile its modules again at every start: half a second each, five times before the first bar. The `.pth` file removes
the copy from the path.
"""

import sys
import sysconfig
from pathlib import Path

UNZIP = 'import sys; sys.path[:] = [entry for entry in sys.path if not entry.endswith("/python/lib/pyspark.zip")]\n'

if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent
    lines = [f"{root / name}\n" for name in sys.argv[1:]]
    Path(sysconfig.get_path("purelib"), "hashtags-live.pth").write_text("".join([*lines, UNZIP]))
