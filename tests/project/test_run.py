"""`make run`: what stands behind it is checked, and it says when the page can be looked at."""

import importlib.util
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import msgspec
import pytest

from spark_job.executor.ingest_client import Status
from spark_job.snapshot_schema import Ingest

ROOT = Path(__file__).resolve().parents[2]


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        ("", []),
        ("n", []),
        ("-- SORCE=demo", ["SORCE"]),
        (" -- SORCE=demo FRESH=1", ["SORCE", "FRESH"]),
        ("ks -j --jobserver-auth=3,4 -- TRACK=a\\ b=c,#d TOP_N:=5", ["TRACK", "TOP_N"]),
    ],
)
def test_names_behind_make_are_those_of_its_command_line(flags: str, names: list[str]) -> None:
    assert load("run").names_behind_make(flags) == names


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A `make` whose recipe `show` tells what the program of `make run` gets."""
    show = "show: ; @env"
    return subprocess.run(
        ["make", "--no-print-directory", f"--eval={show}", "show", *arguments],
        cwd=ROOT, env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True, check=True,
    )  # fmt: skip


def test_make_tells_its_command_line() -> None:
    flags = next(line for line in make("TRACK=a b", "SORCE=x").stdout.splitlines() if line.startswith("MAKEFLAGS="))
    assert sorted(load("run").names_behind_make(flags.removeprefix("MAKEFLAGS="))) == ["SORCE", "TRACK"]


def test_nothing_of_another_python_or_pip_reaches_a_recipe_but_where_packages_come_from() -> None:
    kept = {"PIP_INDEX_URL": "a", "PIP_EXTRA_INDEX_URL": "b", "PIP_CERT": "c", "PIP_CONFIG_FILE": "d", "PIP_PROXY": "e"}
    dropped = {
        *("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONWARNINGS", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT"),
        *("PIP_REQUIRE_VIRTUALENV", "PIP_NO_DEPS", "PIP_DRY_RUN", "PIP_CONSTRAINT", "PIP_PYTHON"),
    }
    said = make(**kept, **dict.fromkeys(dropped, "/elsewhere"), PIP_USER="yes").stdout.splitlines()
    got = dict(line.split("=", 1) for line in said if line.startswith(("PIP_", "PYTHON")))
    assert got == {**kept, "PIP_USER": "0"}


def snapshot(posts: int = 0, lag: int = 0, query_error: str | None = None, **ingest: Any) -> dict[str, Any]:
    """As docs/protocol.md has it."""
    source = {"name": "x", "state": "live", "error": None, "filtered": 0, "malformed": 0} | ingest.pop("source", {})
    whole = {"reachable": True, "error": None, "status": {"sources": [source]}} | ingest
    return {"total": {"posts": posts}, "health": {"query_error": query_error, "lag_posts": lag, "ingest": whole}}


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        (snapshot(1), None),
        (None, "the Spark job has sent no snapshot yet"),
        (snapshot(query_error="no room"), "Spark's query has ended: no room"),
        (snapshot(reachable=False, error="refused"), "the Spark job can't reach ingest: refused"),
        (snapshot(lag=7), "posts have arrived, and Spark has not counted any of them yet"),
        (snapshot(), "no post has arrived yet (x is live)"),
        (snapshot(source={"filtered": 9}), "no post has arrived yet (x is live, 9 filtered out)"),
        (
            snapshot(source={"state": "retrying", "error": "timed out", "malformed": 2}),
            "no post has arrived yet (x is retrying: timed out, 2 unreadable)",
        ),
        (snapshot(status=None), "no post has arrived yet (ingest has not reported its sources yet)"),
    ],
)
def test_what_is_missing_is_a_sentence(seen: dict[str, Any] | None, sentence: str | None) -> None:
    assert load("ready").missing(seen) == sentence


class Start:
    """A start whose seconds pass when somebody waits."""

    def __init__(self, looks: Iterator[Any], seconds: float) -> None:
        self.ready = load("ready")
        self.seconds = 0.0
        self.said: list[str] = []
        self._looks, self._step = looks, seconds

    def look(self) -> Any:
        seen = next(self._looks)
        if seen == "no answer":
            raise self.ready.NoAnswerError
        return seen

    def wait(self, _: float) -> bool:
        self.seconds += self._step
        return False

    def tell(self) -> list[str]:
        self.ready.tell_when_ready(self.look, self.said.append, "http://page", lambda: self.seconds, self.wait)
        return self.said


def test_the_sources_are_where_the_job_puts_them() -> None:
    source = {"name": "x", "state": "paused", "error": "the limit", "filtered": 0, "malformed": 0}
    ingest = Ingest(reachable=True, since_ms=0, error=None, status=cast("Status", {"sources": [source]}))
    health = {"query_error": None, "lag_posts": 0, "ingest": msgspec.to_builtins(ingest)}
    told = load("ready").missing({"total": {"posts": 0}, "health": health})
    assert told == "no post has arrived yet (x is paused: the limit)"


def test_it_says_once_that_it_is_ready_and_how_long_it_took() -> None:
    assert Start(iter(["no answer", None, snapshot(), snapshot(5)]), 4).tell() == ["Ready after 12 s: http://page"]


def test_after_half_a_minute_it_says_what_is_missing_once_and_again_when_that_has_changed() -> None:
    looks = ["no answer", *["no answer"] * 3, None, None, snapshot(), snapshot(), snapshot(3)]
    assert Start(iter(looks), 15).tell() == [
        "Not ready after 30 s: the dashboard does not answer",
        "Not ready after 60 s: the Spark job has sent no snapshot yet",
        "Not ready after 90 s: no post has arrived yet (x is live)",
        "Ready after 120 s: http://page",
    ]


def test_it_ends_with_the_run() -> None:
    start = Start(iter([None]), 1)
    start.ready.tell_when_ready(start.look, start.said.append, "http://page", lambda: 0.0, lambda _: True)
    assert start.said == []
