"""The settings of a log on Kafka: which are accepted, and the sentence for the others."""

from pathlib import Path

import pytest

from ingest import settings
from ingest.settings import Settings, SettingsError

URL = "kafka://broker:9092,[::1]:9093/posts.of-today_1"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_an_address_has_brokers_and_a_topic() -> None:
    address = settings.load(log_url=URL).kafka_address
    assert address is not None
    assert address == ("broker:9092,[::1]:9093", "posts.of-today_1")
    assert address.sources_topic == "posts.of-today_1-sources"
    assert settings.load().kafka_address is None


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"log_url": "broker:9092/posts"},
            "LOG_URL must be empty or like kafka://host:9092,host2:9092/topic, not 'broker:9092/posts'",
        ),
        (
            {"log_url": "kafka://broker/posts"},
            "LOG_URL must be empty or like kafka://host:9092,host2:9092/topic, not 'kafka://broker/posts'",
        ),
        (
            {"log_url": "kafka://broker:99999/posts"},
            "LOG_URL must be empty or like kafka://host:9092,host2:9092/topic, not 'kafka://broker:99999/posts'",
        ),
        (
            {"log_url": "kafka://me:secret@broker:9092/posts"},
            "LOG_URL must be empty or like kafka://host:9092/topic, without an @",
        ),
        (
            {"log_url": URL, "kafka_security": "sasl_tls", "kafka_username": "me"},
            "KAFKA_PASSWORD must be set, because KAFKA_SECURITY is sasl_tls",
        ),
        (
            {"log_url": URL, "kafka_username": "me", "kafka_password": "secret"},
            "KAFKA_SECURITY must be sasl_tls or sasl_plaintext if KAFKA_USERNAME is set",
        ),
        ({"log_url": URL, "kafka_ca_file": "ca"}, "KAFKA_SECURITY must be tls or sasl_tls if KAFKA_CA_FILE is set"),
        (
            {"log_url": URL, "kafka_ca_file": "ca", "kafka_security": "tls"},
            "KAFKA_CA_FILE must be a file that is there, not 'ca' (No such file or directory)",
        ),
        (
            {"log_url": URL, "kafka_client_id": "a b"},
            "KAFKA_CLIENT_ID must be a name of letters, digits, dots, _ and -, not 'a b'",
        ),
        (
            {"log_url": URL, "kafka_compression": "zip"},
            "KAFKA_COMPRESSION must be lz4, zstd, gzip, snappy or none, not 'zip'",
        ),
    ],
)
def test_a_bad_setting_is_named_in_one_sentence(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError) as failure:
        settings.load(**given)
    assert str(failure.value) == sentence


def test_without_an_address_nothing_else_matters() -> None:
    assert settings.load(kafka_security="sasl_tls", kafka_ca_file="nowhere").kafka_address is None


def test_each_ingest_has_a_transactional_id() -> None:
    assert settings.load(log_url=URL, kafka_client_id="trends").transactional_id == "trends-ingest"
    assert settings.load(log_url=URL, kafka_transactional_id="second").transactional_id == "second"


def test_the_password_goes_to_librdkafka_and_nowhere_else() -> None:
    given = {"kafka_security": "sasl_plaintext", "kafka_username": "me", "kafka_password": "s3cret"}
    loaded = settings.load(log_url="kafka://b:9092/t", **given, kafka_sasl_mechanism="SCRAM-SHA-256")
    assert loaded.kafka_connection() == {
        "bootstrap.servers": "b:9092",
        "client.id": "hashtags-live",
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-256",
        "sasl.username": "me",
        "sasl.password": "s3cret",
    }
    assert "s3cret" not in repr(loaded)
