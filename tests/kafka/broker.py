"""A real Apache Kafka in a process of its own, for tests.

It dies with the test process. Where there is no Java or no jars, `jars.why_not` says so.
"""

import shutil
import signal
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from tests.kafka import server_settings
from tests.kafka.jars import FORMATTED, java_command
from tests.kafka.server_settings import HOST, LISTENERS
from tests.processes import free_ports, wait_until

START_SECONDS = 120.0
STOP_SECONDS = 30.0
ASK_SECONDS = 2.0
#: The kernel kills the broker when the process that started it ends, however it ends.
WITH_PARENT = ("setpriv", "--pdeathsig", "KILL")
#: The first compiler of Java alone: a broker of a test lives too short for the second one to be worth its time.
QUICK_START = ("-XX:TieredStopAtLevel=1",)


class Broker:
    """Started by `with`, or by `start`. A broker that was stopped or killed starts again with its data.

    Args:
        folder: For its data, settings and log.
        heap_mb: The memory of Java for objects, in MiB.
        java_options: More options for Java.
        settings: More lines of `server.properties`.

    """

    def __init__(
        self,
        folder: Path,
        heap_mb: int = 256,
        java_options: tuple[str, ...] = QUICK_START,
        settings: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        *ports, controller_port = free_ports(len(LISTENERS) + 1)
        self.ports = dict(zip(LISTENERS, ports, strict=True))
        self.data = folder / "data"
        shutil.copytree(FORMATTED, self.data)
        properties = folder / "server.properties"
        server_settings.write(properties, self.data, self.ports, controller_port, settings or {})
        java = java_command("-Xms64m", f"-Xmx{heap_mb}m", *java_options)
        self.command = [*WITH_PARENT, *java, "kafka.Kafka", str(properties)]
        self.log = folder / "broker.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where anybody is served: `127.0.0.1:port`."""
        return self.address_of("PLAINTEXT")

    @property
    def ca_file(self) -> Path:
        """The authority that signed the certificate of the TLS ports."""
        return self.folder / "ca.pem"

    def address_of(self, listener: str) -> str:
        """Of `PLAINTEXT`, `SASL_PLAINTEXT`, `SSL` or `SASL_SSL`: `127.0.0.1:port`."""
        return f"{HOST}:{self.ports[listener]}"

    def start(self) -> None:
        """Start the process, and wait until it serves every partition that it has."""
        assert self.process is None, "the broker runs already"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            wait_until(self._serves, "the broker serves", START_SECONDS)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.said()}") from None

    def stop(self) -> None:
        """End it by SIGTERM."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it by SIGKILL."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop it, and start it with its data."""
        self.stop()
        self.start()

    def said(self, most: int = 3000) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-most:]

    def admin(self) -> AdminClient:
        """A client for everything that this class doesn't do."""
        quick = {"reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 200}
        return AdminClient({"bootstrap.servers": self.address, "log_level": 0, **quick})

    def create_topic(self, name: str, partitions: int = 1, **config: object) -> str:
        """Make a topic, and wait until it can be used. `retention_ms=1000` is the setting `retention.ms`."""
        admin = self.admin()
        texts = {setting.replace("_", "."): str(value) for setting, value in config.items()}
        admin.create_topics([NewTopic(name, partitions, 1, config=texts)])[name].result(START_SECONDS)
        wait_until(lambda: self._has_leaders(admin, name, partitions), f"{name} has its leaders", START_SECONDS)
        return name

    def new_topic(self, partitions: int = 1, **config: object) -> str:
        """Make a topic whose name no other test has."""
        return self.create_topic(f"posts-{uuid.uuid4().hex[:12]}", partitions, **config)

    def delete_topic(self, name: str) -> None:
        """Delete a topic, and wait until it is gone."""
        admin = self.admin()
        admin.delete_topics([name])[name].result(START_SECONDS)
        wait_until(
            lambda: name not in admin.list_topics(timeout=START_SECONDS).topics, f"{name} is gone", START_SECONDS
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self.process is not None:
            self.kill()

    def _end(self, number: signal.Signals) -> None:
        assert self.process is not None, "the broker does not run"
        self.process.send_signal(number)
        self.process.wait(STOP_SECONDS)
        self.process = None

    def _serves(self) -> bool:
        assert self.process is not None
        code = self.process.poll()
        assert code is None, f"the broker ended with {code}"
        return self._has_leaders(self.admin())

    def _has_leaders(self, admin: AdminClient, name: str | None = None, partitions: int = 0) -> bool:
        try:
            topics: dict[str, Any] = admin.list_topics(timeout=ASK_SECONDS).topics
        except KafkaException:
            return False
        if name is not None and (name not in topics or len(topics[name].partitions) != partitions):
            return False
        return all(part.leader >= 0 for topic in topics.values() for part in topic.partitions.values())


@contextmanager
def running(folder: Path, **options: Any) -> Iterator[Broker]:
    """A broker of one's own, for a test that stops or kills it."""
    with Broker(folder, **options) as broker:
        yield broker
