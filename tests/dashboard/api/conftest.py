"""A dashboard without a server, to which snapshots are pushed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from tests.dashboard.support import feeder
from tests.dashboard.support.fake_job import FakeJob, fake_job

from dashboard.app import create_app
from dashboard.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

TOKEN = "0123456789abcdef"
PANE_MS = 10_000
#: The first pane of each test.
START_MS = 1_795_176_000_000
#: When its snapshot was made.
AT_MS = START_MS + 7_000
#: How long the dashboard waits for the job, some seconds at most.
WAITS_FOR_JOB = (
    "dashboard.api.lesson.SECONDS", "dashboard.job.archive.SECONDS", "dashboard.job.lesson_faults.BEGIN_SECONDS",
    "dashboard.job.lesson_faults.READ_SECONDS", "dashboard.job.tags.SECONDS",
)  # fmt: skip


@pytest.fixture
def clock() -> list[int]:
    """The milliseconds of the dashboard's clock."""
    return [0]


@pytest.fixture
def client(tmp_path: Path, clock: list[int]) -> Iterator[FlaskClient]:
    app = create_app(Settings(push_token=SecretStr(TOKEN), data_dir=tmp_path), lambda: START_MS, lambda: clock[0])
    yield app.test_client()
    app.extensions["dashboard.history"].close()


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeJob]:
    # This job is a thread of the test, which may stand still for seconds on a busy machine.
    for name in WAITS_FOR_JOB:
        monkeypatch.setattr(name, 30.0)
    with fake_job(TOKEN) as job:
        yield job


@pytest.fixture
def client_of_job(tmp_path: Path, job: FakeJob, clock: list[int]) -> Iterator[FlaskClient]:
    """A client of a dashboard that knows a job's query port."""
    settings = Settings(push_token=SecretStr(TOKEN), data_dir=tmp_path, job_url=job.url)
    app = create_app(settings, lambda: START_MS, lambda: clock[0])
    yield app.test_client()
    app.extensions["dashboard.history"].close()


@pytest.fixture
def push(client: FlaskClient) -> Callable[..., None]:
    """Pushes snapshots, each newer than the last."""
    seqs = iter(range(1, 100_000))

    def push_(posts: dict[str, int] | None = None, **changes: Any) -> None:
        body = feeder.snapshot(posts or {}, AT_MS, next(seqs), **changes)
        answer = client.post("/api/snapshots", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200, answer.json

    return push_


def push_numbered(client: FlaskClient, seq: int = 1, **changes: Any) -> None:
    """Push a snapshot with this number, which the dashboard may refuse."""
    body = feeder.snapshot({"WorldCup": 310}, AT_MS, seq, **changes)
    client.post("/api/snapshots", json=body, headers={"Authorization": f"Bearer {TOKEN}"})


def get(client: FlaskClient, path: str, status: int = 200) -> Any:
    answer = client.get(path)
    assert answer.status_code == status, answer.json
    return answer.json


def pane(number: int, posts: dict[str, int] | None = None, **more: Any) -> dict[str, Any]:
    return feeder.pane(START_MS + number * PANE_MS, posts, **more)
