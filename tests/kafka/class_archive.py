"""An archive of Kafka's classes as Java has them in memory: with it a broker starts in half of the time.

`python -m tests.kafka.class_archive` lets a broker write it at its end. Java does without it if it doesn't fit.
"""

import tempfile
from pathlib import Path

from tests.kafka.broker import QUICK_START, Broker
from tests.kafka.jars import ARCHIVE


def write() -> None:
    """Start a broker, use it, and stop it."""
    ARCHIVE.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(Path(folder), java_options=(*QUICK_START, f"-XX:ArchiveClassesAtExit={ARCHIVE}"))
        with broker:
            broker.new_topic(2)
            broker.stop()


if __name__ == "__main__":
    write()
