"""The pipeline of sources, intake and spool."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.ingest.conftest import ManualClock

from ingest import settings
from ingest.intake.progress import Progress, decode
from ingest.intake.source_runner import SourceRunner
from ingest.pipeline import IngestPipeline
from ingest.serve.status import StatusBuilder

MakePipeline = Callable[..., IngestPipeline]


@pytest.fixture
def make_pipeline(tmp_path: Path, manual_clock: ManualClock) -> Iterator[MakePipeline]:
    """Creates a pipeline whose sources wait for their start."""
    made: list[IngestPipeline] = []

    def make(**given: object) -> IngestPipeline:
        loaded = settings.load(**given)
        folder = tmp_path / "spool"
        may_start = threading.Event()
        made.append(
            IngestPipeline(
                loaded,
                folder,
                wall_ms=manual_clock.wall_ms,
                monotonic_seconds=manual_clock.monotonic_seconds,
                may_start=may_start,
            )
        )
        return made[-1]

    yield make
    for pipeline in made:
        pipeline.spool.close()


def error_of(pipeline: IngestPipeline) -> str | None:
    return pipeline.track_file.error if pipeline.track_file else None


def test_new_terms_reach_the_filter_and_every_source(make_pipeline: MakePipeline, tmp_path: Path) -> None:
    (tmp_path / "terms").write_text("cup")
    pipeline = make_pipeline(
        source="x,demo", track_file=str(tmp_path / "terms"), x_bearer_token="t0ken", languages="en"
    )
    assert pipeline.track_file
    (tmp_path / "terms").write_text("-bowl\n#cup\nbowling\n")
    pipeline.track_file.check()
    assert error_of(pipeline) is None
    assert pipeline.intake.post_filter.terms == ["-bowl", "#cup", "bowling"]
    assert pipeline.runners[0].facts()["rules"] == 1
    (tmp_path / "terms").write_text("\n".join(f"{'long' * 30}{number}" for number in range(8000)))
    pipeline.track_file.check()
    assert error_of(pipeline) == "there are 1,143 rules for X, which accepts at most 1,000"
    assert pipeline.intake.post_filter.terms == ["-bowl", "#cup", "bowling"]


def test_the_bill_of_the_day_survives_other_sources_and_the_limit(make_pipeline: MakePipeline) -> None:
    x = {"track": "cup", "x_bearer_token": "t0ken"}
    bill = Progress(identity="x", cursor="1970-01-01 7", accepted=7)
    pipeline = make_pipeline(source="demo,x", **x)
    pipeline.spool.append([], {"x": bill.encode()})
    pipeline.spool.close()
    pipeline = make_pipeline(source="x", **x)
    pipeline.prepare()
    assert pipeline.intake.progress("x") == bill
    pipeline.intake.finish("x")
    pipeline.stop()
    pipeline.spool.close()
    pipeline = make_pipeline(source="bluesky,x", **x)
    pipeline.prepare()
    assert pipeline.intake.progress("x") == Progress(identity="x", cursor="1970-01-01 7")
    pipeline.stop()
    assert decode(pipeline.spool.progress()["x"]).cursor == "1970-01-01 7"


def test_status_reports_the_terms_of_each_source(make_pipeline: MakePipeline) -> None:
    given = {"source": "x,demo", "track": "cup", "languages": "en", "x_rules": "a b;; c", "x_bearer_token": "t0ken"}
    pipeline = make_pipeline(**given)
    pipeline.prepare()
    x, demo = StatusBuilder(pipeline, settings.load(**given)).status().sources
    assert (x.terms, x.languages, demo.terms, demo.languages) == (["a b", "c"], [], ["cup"], ["en"])
    assert x.facts["daily_limit"] == 1000
    assert (x.state, x.until_ms, demo.facts) == ("waiting", None, {})
    pipeline.stop()


def test_at_the_limit_a_source_that_waits_for_its_next_post_ends_too(tmp_path: Path, manual_clock: ManualClock) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    silent = os.open(pipe, os.O_RDWR)
    given = settings.load(source="replay,demo", replay_file=str(pipe), demo_rate="1000", limit="5")
    finished = threading.Event()
    pipeline = IngestPipeline(
        given,
        tmp_path / "spool",
        wall_ms=manual_clock.wall_ms,
        monotonic_seconds=time.monotonic,
        on_finished=finished.set,
    )
    pipeline.prepare()
    pipeline.start()
    assert finished.wait(30)
    assert [runner.state.name for runner in pipeline.runners] == ["finished", "finished"]
    assert pipeline.spool.end == 5
    pipeline.stop()
    pipeline.spool.close()
    os.close(silent)


def test_the_time_to_stop_is_that_of_all_sources_together(
    make_pipeline: MakePipeline, manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = make_pipeline(source="demo,bluesky,mastodon", mastodon_url="http://127.0.0.1:1")
    pipeline.prepare()
    given_seconds: list[float] = []

    def join(_: SourceRunner, timeout_seconds: float) -> None:
        given_seconds.append(timeout_seconds)
        manual_clock.pass_ms(750)

    monkeypatch.setattr(SourceRunner, "join", join)
    pipeline.stop()
    assert given_seconds == [1.0, 0.25, 0.0]
