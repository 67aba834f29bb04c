"""Nobody is told of posts that the demo made up before ingest first served its log."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.spark_job.conftest import PANE_MS, T
from tests.spark_job.support.alert_job import AlertJob
from tests.spark_job.support.alerts import rule

from spark_job.executor.ingest_client import Status

STATUS: Status = {"log": "log-a", "first": 0, "end": 0, "acked": 0, "watermark_ms": T}


@pytest.fixture
def job(path: Path) -> Iterator[AlertJob]:
    job = AlertJob(path, rule(name="many", when="passes", posts=3))
    yield job
    job.state.close()


def test_panes_of_the_made_up_past_fire_nothing(job: AlertJob) -> None:
    source: Any = {"name": "demo", "facts": {"past_until_ms": T + 2 * PANE_MS}}
    job.state.alerts.note_log({**STATUS, "sources": [source]})
    job.pane(0)
    job.pane(1, "sun", "sun", "sun")
    job.pane(2, "sun", "rain", "rain", "rain")
    job.pane(3)
    # The pane that ends with the past is a part of it.
    assert job.fired() == [("rain", 2)]


@pytest.mark.parametrize(
    "sources", [[], [{"name": "x"}], [{"name": "demo", "facts": {"past_until_ms": "soon"}}], ["x"]]
)
def test_a_log_without_a_made_up_past_fires(job: AlertJob, sources: Any) -> None:
    job.state.alerts.note_log({**STATUS, "sources": sources})
    job.pane(0)
    job.pane(1, "sun", "sun", "sun")
    job.pane(2)
    assert job.fired() == [("sun", 1)]
