"""The image apache/spark:4.0.4-python3: pulled where a registry can be reached, else a stand-in with its layout.

`python -m tests.compose.apache_spark.build` makes it by hand. The stand-in contains the Spark of `.venv-sparks/4.0`,
and Python 3.10 where this machine has one of pyenv.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from scripts import sparks
from tests.compose import engine

IMAGE = "apache/spark:4.0.4-python3"
ENVIRONMENT = engine.ROOT / ".venv-sparks" / "4.0"
#: What a Python in an image needs no more than a user does: tests, and libraries for programs that embed it.
LEFT_OUT = {"test", "tests", "idlelib", "tkinter", "__pycache__", "include", "share"}


def why_not() -> str | None:
    """Why the image can't be had, in a sentence, or `None`."""
    if engine.is_here(IMAGE) or engine.can_be_pulled(IMAGE) or ENVIRONMENT.exists():
        return None
    return f"{IMAGE} can't be pulled, and there is no .venv-sparks/4.0 for a stand-in; `make test` installs it"


def make() -> str:
    """Make the image available; returns a sentence that says what it is."""
    if not engine.is_here(IMAGE):
        _build()
    version = engine.run("docker", "run", "--rm", "--network", "none", IMAGE, "python3", "--version").strip()
    layout = engine.run("docker", "image", "inspect", "--format", "{{.Config.User}}, {{.Config.WorkingDir}}", IMAGE)
    return f"{IMAGE}: {version}, user and folder {layout.strip()}"


def _build() -> None:
    dockerfile = Path(__file__).with_name("Dockerfile")
    # On the disk of the environments, so that files can be linked.
    with tempfile.TemporaryDirectory(dir=ENVIRONMENT) as folder:
        context = Path(folder)
        (context / "python").mkdir()
        python = sparks.interpreter("3.10")
        if python.is_relative_to(sparks.PYENV):
            _copy(python.parent.parent, context / "python")
        (pyspark,) = ENVIRONMENT.glob("lib/python3.*/site-packages/pyspark")
        spark = context / "spark"
        for name in ("jars", "bin"):
            shutil.copytree(pyspark / name, spark / name, copy_function=os.link)
        shutil.copytree(pyspark / "python" / "lib", spark / "python" / "lib", copy_function=os.link)
        (spark / "python" / "pyspark").mkdir()
        _copy(pyspark, spark / "python" / "pyspark", ("jars", "bin", "python"))
        engine.run(
            *("docker", "build", "--quiet", "--tag", IMAGE, "--file", str(dockerfile), str(context)),
            timeout_seconds=600,
        )


def _copy(source: Path, target: Path, left_out: Iterable[str] = ()) -> None:
    ignored = shutil.ignore_patterns(*LEFT_OUT, *left_out, "*.a", "config-3.*")
    shutil.copytree(source, target, symlinks=True, ignore=ignored, dirs_exist_ok=True)


if __name__ == "__main__":
    engine.can_be_pulled(IMAGE)
    sys.stdout.write(f"{make()}\n")
