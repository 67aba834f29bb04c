"""The folder for Spark's files on this machine, under a name that Spark can use."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PLAIN = re.compile(r"[A-Za-z0-9_./@+ -]*")


@contextmanager
def empty_scratch(folder: Path) -> Iterator[Path]:
    """Empty `folder`, and yield its absolute path.

    Spark ends a path at a comma, and Hadoop and Java treat other characters in special ways. A folder with such a
    character in its name is used through a link with a plain name.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder.resolve()
    if PLAIN.fullmatch(str(path)):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="hashtags-live-") as place:
        link = Path(place) / "scratch"
        link.symlink_to(path)
        yield link
