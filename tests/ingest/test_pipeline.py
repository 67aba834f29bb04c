"""Sources, intake and spool put together."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.ingest.conftest import Hands

from ingest import settings
from ingest.intake.progress import Progress, decode
from ingest.intake.source_runner import Feed
from ingest.pipeline import Supply
from ingest.serve.status import StatusBoard

MakeSupply = Callable[..., Supply]


@pytest.fixture
def make_supply(tmp_path: Path, hands: Hands) -> Iterator[MakeSupply]:
    """Makes a supply with a closed gate, so that no source is opened."""
    made: list[Supply] = []

    def make(**given: object) -> Supply:
        loaded = settings.load(**given)
        folder = tmp_path / "spool"
        gate = threading.Event()
        made.append(Supply(loaded, folder, wall_ms=hands.wall_ms, monotonic=hands.monotonic, gate=gate))
        return made[-1]

    yield make
    for supply in made:
        supply.spool.close()


def error_of(supply: Supply) -> str | None:
    return supply.track_file.error if supply.track_file else None


def test_other_terms_reach_the_filter_and_every_source(make_supply: MakeSupply, tmp_path: Path) -> None:
    (tmp_path / "terms").write_text("cup")
    supply = make_supply(source="x,demo", track_file=str(tmp_path / "terms"), x_bearer_token="t0ken", languages="en")
    assert supply.track_file
    (tmp_path / "terms").write_text("-bowl\n#cup\nbowling\n")
    supply.track_file.look()
    assert error_of(supply) is None
    assert supply.intake.wanted.terms == ["-bowl", "#cup", "bowling"]
    assert supply.feeds[0].facts()["rules"] == 1
    (tmp_path / "terms").write_text("\n".join(f"{'long' * 30}{number}" for number in range(8000)))
    supply.track_file.look()
    assert error_of(supply) == "this makes 1,143 rules for X, which takes 1,000"
    assert supply.intake.wanted.terms == ["-bowl", "#cup", "bowling"]


def test_the_bill_of_the_day_survives_other_sources_and_the_limit(make_supply: MakeSupply) -> None:
    x = {"track": "cup", "x_bearer_token": "t0ken"}
    bill = Progress("x", cursor="1970-01-01 7", accepted=7)
    supply = make_supply(source="demo,x", **x)
    supply.spool.append([], {"x": bill.encode()})
    supply.spool.close()
    supply = make_supply(source="x", **x)
    supply.prepare()
    assert supply.intake.progress("x") == bill
    supply.intake.finish("x")
    supply.stop()
    supply.spool.close()
    supply = make_supply(source="bluesky,x", **x)
    supply.prepare()
    assert supply.intake.progress("x") == Progress("x", cursor="1970-01-01 7")
    supply.stop()
    assert decode(supply.spool.progress()["x"]).cursor == "1970-01-01 7"


def test_status_tells_what_each_source_is_asked_for(make_supply: MakeSupply) -> None:
    given = {"source": "x,demo", "track": "cup", "languages": "en", "x_rules": "a b;; c", "x_bearer_token": "t0ken"}
    supply = make_supply(**given)
    supply.prepare()
    x, demo = StatusBoard(supply, settings.load(**given)).status().sources
    assert (x.terms, x.languages, demo.terms, demo.languages) == (["a b", "c"], [], ["cup"], ["en"])
    assert x.facts["daily_limit"] == 1000
    assert (x.state, x.until_ms, demo.facts) == ("waiting", None, {})
    supply.stop()


def test_at_the_limit_a_source_that_waits_for_its_next_post_ends_too(tmp_path: Path, hands: Hands) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    silent = os.open(pipe, os.O_RDWR)
    given = settings.load(source="replay,demo", replay_file=str(pipe), demo_rate="1000", limit="5")
    finished = threading.Event()
    supply = Supply(
        given, tmp_path / "spool", wall_ms=hands.wall_ms, monotonic=time.monotonic, on_finished=finished.set
    )
    supply.prepare()
    supply.start()
    assert finished.wait(30)
    assert [feed.condition.state for feed in supply.feeds] == ["finished", "finished"]
    assert supply.spool.end == 5
    supply.stop()
    supply.spool.close()
    os.close(silent)


def test_the_time_to_stop_is_that_of_all_sources_together(
    make_supply: MakeSupply, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    supply = make_supply(source="demo,bluesky,mastodon", mastodon_url="http://127.0.0.1:1")
    supply.prepare()
    given_seconds: list[float] = []

    def join(_: Feed, timeout_seconds: float) -> None:
        given_seconds.append(timeout_seconds)
        hands.pass_ms(750)

    monkeypatch.setattr(Feed, "join", join)
    supply.stop()
    assert given_seconds == [1.0, 0.25, 0.0]
