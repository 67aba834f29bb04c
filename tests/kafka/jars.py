"""The jars of Apache Kafka, for the broker of the tests: `make .kafka/.run` puts them into `.kafka`.

Maven resolves tests/kafka/pom.xml with its own settings. Each file must be as tests/kafka/jars.sha256 says; with
`--lock` that list is written.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from spark_job.spark.java import MIN_JAVA, system_java_home

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / ".kafka"
JARS = FOLDER / "jars"
#: The data folder of a broker that has never run.
FORMATTED = FOLDER / "formatted"
#: Written by tests/kafka/class_archive.py.
ARCHIVE = FOLDER / "classes.jsa"
SUMS = HERE / "jars.sha256"
LOG_SETTINGS = HERE / "log4j2.properties"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
#: Of one broker, whose controller is in the same process.
NODE_ID = 1
#: Any 16 bytes in URL-safe Base64.
CLUSTER_ID = "aGFzaHRhZ3MtbGl2ZS0xMQ"
MAVEN_SECONDS = 600
FORMAT_SECONDS = 120


class JarsError(Exception):
    """The jars can't be had, or are not those that were locked."""


def why_not(environ: Mapping[str, str] = os.environ) -> str | None:
    """Why no broker can be started on this machine, in a sentence, or `None`."""
    if system_java_home(environ) is None:
        return f"Apache Kafka needs Java {MIN_JAVA} or newer, and there is none"
    if not FORMATTED.is_dir() or sums(JARS) != SUMS.read_text():
        return "the jars of Apache Kafka are not here; `make .kafka/.run` gets them with Maven"
    return None


def java_command(*options: str) -> list[str]:
    """How a class of Kafka is started, up to its name."""
    home = system_java_home(os.environ)
    assert home is not None
    log = f"-Dlog4j2.configurationFile={LOG_SETTINGS}"
    archive = [f"-XX:SharedArchiveFile={ARCHIVE}", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"] if ARCHIVE.exists() else []
    return [str(home / "bin" / "java"), "-XX:+UseSerialGC", *archive, *options, log, "-cp", f"{JARS}/*"]


def sums(folder: Path) -> str:
    """The lines of `sha256sum` for all jars of a folder."""
    return "".join(
        f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {jar.name}\n" for jar in sorted(folder.glob("*.jar"))
    )


def check(found: str, locked: str) -> None:
    """Raise JarsError unless both lists are equal."""
    strange = sorted(set(found.splitlines()) - set(locked.splitlines()))
    missing = sorted(set(locked.splitlines()) - set(found.splitlines()))
    if strange or missing:
        names = ", ".join(line.split()[1] for line in strange or missing)
        raise JarsError(f"these jars are not as {SUMS.name} says: {names}")


def fetch(folder: Path) -> None:
    """Let Maven put the jars into `folder`. Raises `JarsError`."""
    maven = shutil.which("mvn")
    if maven is None:
        raise JarsError("Maven (`mvn`) is not installed")
    command = [maven, "--batch-mode", "--quiet", f"--file={HERE / 'pom.xml'}", COPY, f"-DoutputDirectory={folder}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=MAVEN_SECONDS, check=False)
    if done.returncode:
        raise JarsError(f"Maven can't get the jars:\n{(done.stdout + done.stderr)[-2000:]}")


def format_folder(folder: Path) -> None:
    """Make a data folder with Kafka's own command, which takes a second. A broker of a test copies it."""
    with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
        settings = Path(scratch) / "server.properties"
        # The ports are of no importance: the folder does not contain them.
        settings.write_text(
            f"process.roles=broker,controller\nnode.id={NODE_ID}\ncontroller.quorum.voters={NODE_ID}@127.0.0.1:9093\n"
            "listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\ncontroller.listener.names=CONTROLLER\n"
            f"log.dirs={scratch}/data\n"
        )
        command = [*java_command(), "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(settings)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=FORMAT_SECONDS, check=False)
        if done.returncode:
            raise JarsError(f"Kafka can't format a folder:\n{(done.stdout + done.stderr)[-2000:]}")
        shutil.rmtree(folder, ignore_errors=True)
        (Path(scratch) / "data").rename(folder)


def install(*, lock: bool) -> None:
    """Get what is missing. Raises `JarsError`."""
    FOLDER.mkdir(exist_ok=True)
    if lock or not SUMS.exists() or sums(JARS) != SUMS.read_text():
        with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
            fetched = Path(scratch) / "jars"
            fetch(fetched)
            if lock:
                SUMS.write_text(sums(fetched))
            check(sums(fetched), SUMS.read_text())
            shutil.rmtree(JARS, ignore_errors=True)
            shutil.rmtree(FORMATTED, ignore_errors=True)
            ARCHIVE.unlink(missing_ok=True)
            fetched.rename(JARS)
    if not FORMATTED.is_dir():
        format_folder(FORMATTED)


def main() -> int:
    """Install, or say in a sentence why that can't be."""
    parser = argparse.ArgumentParser(description="Get the jars of Apache Kafka for the tests.")
    parser.add_argument("--lock", action="store_true", help="write the sums of what Maven brings")
    given = parser.parse_args()
    if system_java_home(os.environ) is None:
        sys.stderr.write(f"Apache Kafka is not installed: it needs Java {MIN_JAVA} or newer.\n")
        return 1
    try:
        install(lock=given.lock)
    except JarsError as error:
        sys.stderr.write(f"Apache Kafka is not installed: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
