"""The settings of the broker of the tests: one process that is controller and broker, as small as it goes."""

from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from tests.kafka.jars import NODE_ID

HOST = "127.0.0.1"
#: Who may log in by SASL PLAIN. For SCRAM, a test adds users with an admin client.
USER, PASSWORD = "hashtags", "only-for-tests"
#: Listener -> how its clients connect.
LISTENERS = ("PLAINTEXT", "SASL_PLAINTEXT", "SSL", "SASL_SSL")
SMALL = {
    "auto.create.topics.enable": "false",
    # One broker has one replica of each partition.
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
    "num.recovery.threads.per.data.dir": "1",
    "log.cleaner.dedupe.buffer.size": "8388608",
    # Posts of a test may be of any time.
    "log.retention.ms": "-1",
    "log.message.timestamp.after.max.ms": "9223372036854775807",
    # For tests of retention: the broker looks each second for what to delete.
    "log.retention.check.interval.ms": "1000",
    "log.initial.task.delay.ms": "500",
    "log.segment.delete.delay.ms": "1000",
    "log.flush.start.offset.checkpoint.interval.ms": "1000",
    # A broker that was killed may register again so soon.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
}
#: Everybody may do everything, but what an ACL says of a topic holds for whoever logs in.
RIGHTS = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS",
    "allow.everyone.if.no.acl.found": "true",
}


@dataclass(frozen=True)
class Certificate:
    """What the broker shows at its TLS ports, and by whose certificate a client knows it."""

    key_file: Path
    ca_file: Path

    @classmethod
    def write(cls, folder: Path) -> "Certificate":
        """Make one for this machine."""
        authority = trustme.CA()
        made = authority.issue_cert(HOST, "localhost")
        key = load_pem_private_key(made.private_key_pem.bytes(), None)
        # Kafka reads a key only in this form.
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        certificate = cls(folder / "broker.pem", folder / "ca.pem")
        certificate.key_file.write_bytes(pem + b"".join(blob.bytes() for blob in made.cert_chain_pems))
        authority.cert_pem.write_to_path(str(certificate.ca_file))
        return certificate


def write(file: Path, data: Path, ports: dict[str, int], controller_port: int, more: dict[str, str]) -> None:
    """Write `server.properties`.

    Args:
        file: Where.
        data: The formatted data folder.
        ports: Port of each of `LISTENERS`.
        controller_port: Port of the controller.
        more: Settings that go before these.

    """
    certificate = Certificate.write(file.parent)
    addresses = ",".join(f"{name}://{HOST}:{port}" for name, port in ports.items())
    settings = {
        "process.roles": "broker,controller",
        "node.id": str(NODE_ID),
        "controller.quorum.voters": f"{NODE_ID}@{HOST}:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"{addresses},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": addresses,
        "listener.security.protocol.map": ",".join(f"{name}:{name}" for name in LISTENERS) + ",CONTROLLER:PLAINTEXT",
        "log.dirs": str(data),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(certificate.key_file),
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
        **_logins(),
        **RIGHTS,
        **SMALL,
        **more,
    }
    file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))


def _logins() -> dict[str, str]:
    modules = "org.apache.kafka.common.security"
    plain = f'{modules}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
    scram = f"{modules}.scram.ScramLoginModule required;"
    return {
        f"listener.name.{listener}.{mechanism}.sasl.jaas.config": plain if mechanism == "plain" else scram
        for listener in ("sasl_plaintext", "sasl_ssl")
        for mechanism in ("plain", "scram-sha-256", "scram-sha-512")
    }
