"""The services with their log on Kafka, and a supervisor that kills and restarts the broker too."""

import json
from collections.abc import Mapping
from pathlib import Path

from tests.faults.contract import Recount
from tests.faults.supervisor import OWNERS, Service, Supervisor
from tests.kafka.broker import Broker
from tests.kafka.committed import committed

TOPIC = "posts"
PARTITIONS = 8


class KafkaStack(Supervisor):
    """As `Supervisor`. The broker is one service more, and its data are below `folder`."""

    owners: Mapping[str, str] = {**OWNERS, "broker": "broker"}

    def __init__(self, folder: Path, python: Path, own_python: Path, **settings: object) -> None:
        broker = Broker(folder / "kafka")
        self.address = broker.address
        self.log_url = f"kafka://{broker.address}/{TOPIC}"
        kafka = {"LOG_URL": self.log_url, "KAFKA_CREATE_PARTITIONS": PARTITIONS}
        super().__init__(folder, python, own_python, **kafka, **settings)
        # The first to start.
        self.services = {"broker": Service("broker", broker.command, broker.log), **self.services}

    @property
    def audit_options(self) -> list[str]:
        return ["--log", self.log_url]

    def recount(self, end: int) -> Recount:
        """The committed posts. Markers of transactions have offsets too, so these are numbered anew."""
        counted = Recount()
        for message in committed(self.address, TOPIC):
            value = message.value()
            if value is not None:
                counted.add(json.loads(value) | {"offset": len(counted.offsets)})
        return counted
