"""Ingest and the job take the same addresses of a log on Kafka, and refuse the others with the same sentence."""

from pathlib import Path

import pytest
from scripts import configuration

import ingest.settings
import spark_job.settings

FORM = "LOG_URL must be empty or like kafka://host:9092,host2:9092/topic, not "
WITHOUT_A_PASSWORD = "LOG_URL must be empty or like kafka://host:9092/topic, without an @"


@pytest.fixture(autouse=True)
def no_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in configuration.fields():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PUSH_TOKEN", "0123456789abcdef")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("url", "brokers", "topic"),
    [
        ("kafka://broker:9092/posts", "broker:9092", "posts"),
        ("kafka://broker.example.org:1/posts", "broker.example.org:1", "posts"),
        ("kafka://broker:65535/posts", "broker:65535", "posts"),
        ("kafka://127.0.0.1:9092/Posts_of-2026.12", "127.0.0.1:9092", "Posts_of-2026.12"),
        ("kafka://[::1]:9092/posts", "[::1]:9092", "posts"),
        ("kafka://a:9092,[2001:db8::1]:9093/posts", "a:9092,[2001:db8::1]:9093", "posts"),
        # librdkafka connects to a broker once, however often it is named.
        ("kafka://a:9092,a:9092/posts", "a:9092,a:9092", "posts"),
        (f"kafka://a:9092/{'t' * 240}", "a:9092", "t" * 240),
    ],
)
def test_an_address_names_brokers_and_a_topic(
    monkeypatch: pytest.MonkeyPatch, url: str, brokers: str, topic: str
) -> None:
    monkeypatch.setenv("LOG_URL", url)
    of_ingest, of_job = ingest.settings.load(), spark_job.settings.load()
    assert of_ingest.kafka_address == (brokers, topic)
    assert of_ingest.kafka_connection()["bootstrap.servers"] == brokers
    assert (of_job.kafka_client()["bootstrap.servers"], of_job.kafka_topic) == (brokers, topic)


def test_without_an_address_the_log_is_the_spool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_URL", "")
    assert (ingest.settings.load().kafka_address, spark_job.settings.load().kafka_topic) == (None, "")


@pytest.mark.parametrize(
    "url",
    [
        "kafka://broker:65536/posts",
        "kafka://broker:99999/posts",
        "kafka://broker:0/posts",
        "kafka://broker:９０９２/posts",
        "kafka://broker:/posts",
        "kafka://broker/posts",
        "kafka://:9092/posts",
        "kafka://::1:9092/posts",
        "kafka://[::1]/posts",
        "kafka://a:9092,/posts",
        "kafka://a:9092,,b:9092/posts",
        "kafka://a:9092, b:9092/posts",
        "kafka://a:9092,b/posts",
        "kafka:///posts",
        "kafka://a:9092",
        "kafka://a:9092/",
        "kafka://a:9092/posts/",
        "kafka://a:9092/a/b",
        "kafka://a:9092/posts?acks=1",
        "kafka://a:9092/posts#1",
        "kafka://a:9092/po%20sts",
        "kafka://a%2Eb:9092/posts",
        "kafka://a:9092/po sts",
        "kafka://a:9092/niñas",
        "kafka://a:9092/.",
        "kafka://a:9092/..",
        f"kafka://a:9092/{'t' * 241}",
        " kafka://a:9092/posts",
        "kafka://a:9092/posts\n",
        "KAFKA://a:9092/posts",
        "http://a:9092/posts",
        "a:9092/posts",
        "posts",
        " ",
    ],
)
def test_another_address_is_refused_with_one_sentence(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert refusals(monkeypatch, url) == {f"{FORM}{url!r:.80}"}


@pytest.mark.parametrize("url", ["kafka://ada:s3cret@a:9092/posts", "kafka://a:9092/posts@b"])
def test_what_may_be_a_password_is_not_shown(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert refusals(monkeypatch, url) == {WITHOUT_A_PASSWORD}


def refusals(monkeypatch: pytest.MonkeyPatch, url: str) -> set[str]:
    """What both services say."""
    monkeypatch.setenv("LOG_URL", url)
    said = set()
    for module in (ingest.settings, spark_job.settings):
        with pytest.raises(module.SettingsError) as refused:
            module.load()
        said.add(str(refused.value))
    return said
