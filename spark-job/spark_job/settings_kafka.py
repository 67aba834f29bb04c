"""The settings of a log on Kafka. Ingest has the same ones, and some more for its producer."""

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

#: What librdkafka calls the values of KAFKA_SECURITY.
PROTOCOLS = {"plaintext": "PLAINTEXT", "tls": "SSL", "sasl_plaintext": "SASL_PLAINTEXT", "sasl_tls": "SASL_SSL"}
#: A name, an IPv4 address, or an IPv6 address in brackets; and a port.
_HOST = r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}"
_NAME = re.compile(r"[A-Za-z0-9._-]{0,200}")
#: Kafka refuses topics of these names.
_NO_TOPICS = frozenset({".", ".."})
_URL = re.compile(rf"kafka://({_HOST}(?:,{_HOST})*)/([A-Za-z0-9._-]{{1,240}})")


class KafkaSettings(BaseSettings):
    """The settings of the log on Kafka."""

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

    @field_validator("log_url")
    @classmethod
    def is_a_log(cls, url: str) -> str:
        """Check that it names brokers and a topic. The part before an @ may be a password, so it is not quoted."""
        if "@" in url:
            raise ValueError("be empty or like kafka://host:9092/topic, without an @")
        if url and not _is_kafka(url):
            raise ValueError(f"be empty or like kafka://host:9092,host2:9092/topic, not {url!r:.80}")
        return url

    @field_validator("kafka_client_id")
    @classmethod
    def is_a_name(cls, name: str) -> str:
        """Check that Kafka accepts it."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"be a name of letters, digits, dots, _ and -, not {name!r:.80}")
        return name

    def check_kafka(self) -> None:
        """Check that the settings of Kafka fit together.

        Raises:
            ValueError: They don't; one sentence.

        """
        if not self.log_url:
            return
        is_sasl = self.kafka_security.startswith("sasl")
        for name, value in (("KAFKA_USERNAME", self.kafka_username), ("KAFKA_PASSWORD", self.kafka_password)):
            if is_sasl and not value:
                raise ValueError(f"{name} must be set, because KAFKA_SECURITY is {self.kafka_security}")
        if self.kafka_username and not is_sasl:
            raise ValueError("KAFKA_SECURITY must be sasl_tls or sasl_plaintext if KAFKA_USERNAME is set")
        if self.kafka_ca_file and not self.kafka_security.endswith("tls"):
            raise ValueError("KAFKA_SECURITY must be tls or sasl_tls if KAFKA_CA_FILE is set")
        if self.kafka_ca_file:
            try:
                Path(self.kafka_ca_file).read_bytes()
            except OSError as error:
                raise ValueError(
                    f"KAFKA_CA_FILE must be a file that is there, not {self.kafka_ca_file!r:.80} ({error.strerror})"
                ) from None

    @property
    def kafka_topic(self) -> str:
        """The topic. Empty: the log is the spool."""
        return self.log_url.rpartition("/")[2]

    def kafka_client(self) -> dict[str, str]:
        """What each client of Kafka is told: librdkafka's own names. It has the password."""
        client = {
            "bootstrap.servers": self.log_url.removeprefix("kafka://").rpartition("/")[0],
            "client.id": self.kafka_client_id,
            "security.protocol": PROTOCOLS[self.kafka_security],
        }
        if self.kafka_ca_file:
            client["ssl.ca.location"] = self.kafka_ca_file
        if self.kafka_security.startswith("sasl"):
            client["sasl.mechanism"] = self.kafka_sasl_mechanism
            client["sasl.username"] = self.kafka_username
            client["sasl.password"] = self.kafka_password.get_secret_value()
        return client


def _is_kafka(url: str) -> bool:
    match = _URL.fullmatch(url)
    if match is None or match[2] in _NO_TOPICS:
        return False
    return all(0 < int(broker.rpartition(":")[2]) < 2**16 for broker in match[1].split(","))
