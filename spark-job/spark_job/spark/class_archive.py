"""Make a class archive: Java maps Spark's classes from one file, instead of unpacking and checking them at each start.

Each start of the job is three to four seconds faster. `python -m spark_job.spark.class_archive` makes the archive in
half a minute, and `make` does so once. Without it, or when Java, Spark or their settings have changed, the job just
starts more slowly. Description: https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html
"""

import json
import logging
import os
import socketserver
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import SparkSession

from spark_job.settings import Settings
from spark_job.spark.errors import SparkGoneError
from spark_job.spark.java import NoJavaError, java_home
from spark_job.spark.query import Query
from spark_job.spark.session import ARCHIVE, start_session, stop_session

WARM_UP_SECONDS = 120.0
WARM_UP_POSTS = 8


class ArchiveError(Exception):
    """The archive can't be made. Its text is one sentence."""


class WarmUpIngest(socketserver.StreamRequestHandler):
    """A minimal ingest for the warm-up run whose loaded classes are archived."""

    def handle(self) -> None:
        """Answer STATUS and READ of docs/protocol.md."""
        for line in self.rfile:
            request = line.split()
            self.wfile.write(self._status() if request[0] == b"STATUS" else self._posts(*map(int, request[1:])))

    def _status(self) -> bytes:
        return json.dumps({"log": "warm-up", "first": 0, "end": WARM_UP_POSTS, "acked": 0}).encode() + b"\n"

    def _posts(self, start: int, end: int) -> bytes:
        tags = [{"key": "tag", "label": "Tag"}]
        post = {"at_ms": 1, "text": "", "tags": tags, "lang": "en", "source": "warm-up"}
        lines = b"".join(json.dumps(post | {"offset": offset}).encode() + b"\n" for offset in range(start, end))
        header = {"log": "warm-up", "first": start, "posts": end - start, "bytes": len(lines)}
        return json.dumps(header).encode() + b"\n" + lines


def make(archive: Path, environ: dict[str, str]) -> None:
    """Start Spark once, count a few posts, and archive the classes that were loaded.

    Raises:
        ArchiveError: It can't be made.

    """
    with tempfile.TemporaryDirectory(prefix="archive-") as folder:
        names = Path(folder) / "classes"
        class_path = record_classes(names, Path(folder))
        fresh = archive.with_name(f"{archive.name}.{os.getpid()}")
        try:
            write_archive(Path(environ["JAVA_HOME"]) / "bin" / "java", names, class_path, fresh)
            fresh.replace(archive)
        finally:
            fresh.unlink(missing_ok=True)


def record_classes(names: Path, scratch: Path) -> str:
    """Count a few posts on Spark, write the loaded classes to `names`, and return Java's class path."""
    counted = threading.Event()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), WarmUpIngest) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings = Settings.model_construct(ingest_port=server.server_address[1], trigger_seconds=0.0)
        try:
            spark = start_session(settings, scratch, (f"-XX:DumpLoadedClassList={names}",))
        except SparkGoneError as error:
            raise ArchiveError(str(error)) from error
        query = Query(spark, settings, scratch, lambda *_: counted.set(), lambda: 0)
        query.start("warm-up", 0)
        try:
            if not counted.wait(WARM_UP_SECONDS):
                raise ArchiveError(f"Spark counted nothing: {query.pop_failure() or 'it did not answer'}")
            return class_path_of(spark)
        finally:
            query.stop()
            stop_session(spark)
            server.shutdown()


def class_path_of(spark: SparkSession) -> str:
    """The class path that Java was started with. An archive fits exactly this one."""
    return str(spark.sparkContext._jvm.java.lang.System.getProperty("java.class.path"))  # type: ignore[union-attr]  # noqa: SLF001


def write_archive(java: Path, names: Path, class_path: str, archive: Path) -> None:
    """Let Java write `archive`.

    Raises:
        ArchiveError: Java wrote none.

    """
    command: Sequence[str | Path] = (
        java,
        "-Xshare:dump",
        "-XX:+UseSerialGC",
        f"-XX:SharedClassListFile={names}",
        f"-XX:SharedArchiveFile={archive}",
        "-Xlog:cds=off",
        "-Xlog:cds+dynamic=off",
        "-cp",
        class_path,
    )
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode or not archive.exists():
        errors = [line for line in (done.stderr + done.stdout).splitlines() if "rror" in line]
        raise ArchiveError(f"Java wrote no archive: {errors[0] if errors else f'exit code {done.returncode}'}")


def main() -> int:
    """Make the archive of this environment. If that fails, print one sentence that says why."""
    logging.basicConfig(level="ERROR")
    try:
        os.environ["JAVA_HOME"] = str(java_home(os.environ, Path(sys.prefix)))
        make(ARCHIVE, dict(os.environ))
    except (ArchiveError, NoJavaError, OSError) as error:
        sys.stderr.write(f"Spark will start a few seconds more slowly: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
