"""The settings of a log on Kafka. The job has the same ones, except those of the producer."""

import re
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from ingest.settings_text import quoted

#: What librdkafka calls the values of KAFKA_SECURITY.
PROTOCOLS = {"plaintext": "PLAINTEXT", "tls": "SSL", "sasl_plaintext": "SASL_PLAINTEXT", "sasl_tls": "SASL_SSL"}
#: A name, an IPv4 address, or an IPv6 address in brackets; and a port.
_HOST = r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}"
_NAME = re.compile(r"[A-Za-z0-9._-]{0,200}")
#: Kafka refuses topics of these names.
_NO_TOPICS = frozenset({".", ".."})
_URL = re.compile(rf"kafka://({_HOST}(?:,{_HOST})*)/([A-Za-z0-9._-]{{1,240}})")


class KafkaAddress(NamedTuple):
    """Where the log is: the brokers, with commas between them, and the topic of the posts."""

    brokers: str
    topic: str

    @property
    def sources_topic(self) -> str:
        """The topic of the sources' cursors."""
        return f"{self.topic}-sources"


class KafkaSettings(BaseSettings):
    """The settings of a log on Kafka."""

    log_url: str = Field(
        "",
        description="The log between ingest and job. Empty: ingest's spool. `kafka://host:9092,host2:9092/topic`: a "
        "topic of Apache Kafka (docs/kafka.md).",
    )
    kafka_client_id: str = Field(
        "hashtags-live",
        description="Name with which ingest and the job call themselves at Kafka, and the consumer group to which the "
        "job commits its position for tools that show it.",
    )
    kafka_security: Literal["plaintext", "tls", "sasl_plaintext", "sasl_tls"] = Field(
        "plaintext", description="How Kafka is reached: without or with TLS, and without or with a password (SASL)."
    )
    kafka_ca_file: str = Field(
        "",
        description="File with the certificates (PEM) that Kafka's certificate must come from. Empty: those of the "
        "system. On a cluster, the file has the same name on each executor.",
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "PLAIN", description="How the password is sent to Kafka."
    )
    kafka_username: str = Field("", description="User name at Kafka, if KAFKA_SECURITY has a password.")
    kafka_password: SecretStr = Field(SecretStr(""), description="Password at Kafka. It is never written to a log.")
    kafka_compression: Literal["lz4", "zstd", "gzip", "snappy", "none"] = Field(
        "lz4", description="How ingest compresses the posts that it writes to Kafka."
    )
    kafka_transactional_id: str = Field(
        "",
        description="Name of this ingest in Kafka's transactions. Each of several ingests needs its own, and must keep "
        "it: the cursors of the sources are stored under it. Empty: `KAFKA_CLIENT_ID` and `-ingest`.",
    )
    kafka_create_partitions: int = Field(
        0,
        ge=0,
        le=10_000,
        description="Number of partitions with which ingest creates the topic if there is none. `0`: it never creates "
        "it.",
    )

    @field_validator("log_url")
    @classmethod
    def _log_address(cls, url: str) -> str:
        if "@" in url:  # The part before it may be a password, and is not quoted.
            raise ValueError("be empty or like kafka://host:9092/topic, without an @")
        if url and not _is_kafka(url):
            raise ValueError(f"be empty or like kafka://host:9092,host2:9092/topic, not {quoted(url)}")
        return url

    @field_validator("kafka_client_id", "kafka_transactional_id")
    @classmethod
    def _kafka_name(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(f"be a name of letters, digits, dots, _ and -, not {quoted(name)}")
        return name

    def check_kafka(self) -> None:
        """Raise ValueError if the settings of Kafka don't fit together."""
        if not self.log_url:
            return
        for name, value in (("KAFKA_USERNAME", self.kafka_username), ("KAFKA_PASSWORD", self.kafka_password)):
            if self.kafka_security.startswith("sasl") and not value:
                raise ValueError(f"{name} must be set, because KAFKA_SECURITY is {self.kafka_security}")
        if self.kafka_username and not self.kafka_security.startswith("sasl"):
            raise ValueError("KAFKA_SECURITY must be sasl_tls or sasl_plaintext if KAFKA_USERNAME is set")
        if self.kafka_ca_file and not self.kafka_security.endswith("tls"):
            raise ValueError("KAFKA_SECURITY must be tls or sasl_tls if KAFKA_CA_FILE is set")
        if self.kafka_ca_file:
            try:
                Path(self.kafka_ca_file).read_bytes()
            except OSError as error:
                raise ValueError(
                    f"KAFKA_CA_FILE must be a file that is there, not {quoted(self.kafka_ca_file)} ({error.strerror})"
                ) from None

    @property
    def kafka_address(self) -> KafkaAddress | None:
        """Where the log is; None: it is the spool."""
        match = _URL.fullmatch(self.log_url)
        return KafkaAddress(match[1], match[2]) if match else None

    @property
    def transactional_id(self) -> str:
        """The name of this ingest in transactions."""
        return self.kafka_transactional_id or f"{self.kafka_client_id}-ingest"

    def kafka_connection(self) -> dict[str, str | int | float | bool]:
        """Return how librdkafka connects to the brokers."""
        address = self.kafka_address
        connection: dict[str, str | int | float | bool] = {
            "bootstrap.servers": address.brokers if address else "",
            "client.id": self.kafka_client_id,
            "security.protocol": PROTOCOLS[self.kafka_security],
        }
        if self.kafka_ca_file:
            connection["ssl.ca.location"] = self.kafka_ca_file
        if self.kafka_security.startswith("sasl"):
            connection["sasl.mechanism"] = self.kafka_sasl_mechanism
            connection["sasl.username"] = self.kafka_username
            connection["sasl.password"] = self.kafka_password.get_secret_value()
        return connection


def _is_kafka(url: str) -> bool:
    match = _URL.fullmatch(url)
    if match is None or match[2] in _NO_TOPICS:
        return False
    return all(0 < int(broker.rpartition(":")[2]) < 2**16 for broker in match[1].split(","))
