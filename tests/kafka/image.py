"""The image of Apache Kafka for Compose: `python -m tests.kafka.image` pulls it, or builds a stand-in of that name.

The stand-in, in the folder `standin`, has the interface of `apache/kafka` and the jars of the broker of the tests.
It is built only where the image is not there and cannot be pulled.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.compose import engine
from tests.kafka import jars

#: Its Java runs Kafka. The tests of containers have it anyway.
JAVA_IMAGE = "bitnamilegacy/spark:4.0.0-debian-12-r20"
STANDIN = jars.HERE / "standin"


def name() -> str:
    """The image of docker-compose.yml."""
    (found,) = re.findall(r"image: \$\{KAFKA_IMAGE:-([^}]+)\}", (engine.ROOT / "docker-compose.yml").read_text())
    return str(found)


def get() -> str | None:
    """Have the image; returns why that can't be, in a sentence, or `None`."""
    if engine.is_here(name()) or engine.can_be_pulled(name()):
        return None
    if jars.why_not() is not None:
        return f"{name()} is not here and can't be pulled, and {jars.why_not()}"
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder) / "context"
        shutil.copytree(STANDIN, context)
        shutil.copytree(jars.JARS, context / "jars")
        java = f"JAVA_IMAGE={JAVA_IMAGE}"
        command = ["docker", "build", "--quiet", "--tag", name(), "--build-arg", java, str(context)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr.strip() or "docker build fails" if done.returncode else None


if __name__ == "__main__":
    sys.exit(get())
