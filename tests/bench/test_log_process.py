"""The log that is released bit by bit is ingest's own in all but that."""

from collections.abc import Iterator

import pytest
from bench.log_process import LogProcess
from bench.material import Material, prepared
from bench.posts import Kind
from tests.processes import wait_until

from spark_job.executor.columns import offers_columns, parse_columns
from spark_job.executor.data_source import MAX_SLICE_BYTES
from spark_job.executor.ingest_client import IngestClient


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return prepared(tmp_path_factory.mktemp("material"), Kind(tags=50), 5000)


@pytest.fixture
def log(material: Material) -> Iterator[LogProcess]:
    with LogProcess(material) as log:
        yield log


def ends_at(client: IngestClient, end: int) -> bool:
    return bool(client.status()["end"] >= end)


def test_it_ends_where_it_is_released_up_to(log: LogProcess, material: Material) -> None:
    with IngestClient("127.0.0.1", log.port) as client:
        assert client.status()["end"] == 0
        log.release(2000)
        wait_until(lambda: ends_at(client, 2000), "2,000 posts", 10)
        status = client.status()
        assert (status["first"], status["end"], status["watermark_ms"]) == (0, 2000, material.kind.at_ms(2000))
        posts = material.path("posts").read_bytes().splitlines(keepends=True)
        assert client.read(500, 2000).body == b"".join(posts[500:2000])


def test_it_offers_columns_as_ingest_does_so_that_the_job_parses_no_json(log: LogProcess) -> None:
    with IngestClient("127.0.0.1", log.port) as client:
        assert offers_columns(client.status())
        log.release(1000)
        wait_until(lambda: ends_at(client, 1000), "1,000 posts", 10)
        assert parse_columns(client.read_columns(0, 1000, MAX_SLICE_BYTES)).num_rows == 1000


def test_it_goes_on_at_a_pace(log: LogProcess) -> None:
    with IngestClient("127.0.0.1", log.port) as client:
        log.release(1000, per_second=10_000)
        wait_until(lambda: ends_at(client, 5000), "the rest of the posts", 10)
        assert client.status()["end"] == 5000


def test_it_says_when_the_first_slice_was_asked_for(log: LogProcess) -> None:
    with IngestClient("127.0.0.1", log.port) as client:
        client.status()
    said_at = log.release(1000)
    with IngestClient("127.0.0.1", log.port) as client:
        client.read(0, 1000)
    assert wait_until(lambda: log.facts.get("asked_at"), "the time of the first READ", 10) > said_at
