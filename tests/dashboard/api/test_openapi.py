"""The API's own description: it is true, and people can read it."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from pydantic import SecretStr
from tests.dashboard.conftest import TOKEN, Dashboard
from tests.dashboard.support import feeder
from tests.dashboard.support.fake_job import counted, fake_job
from tests.dashboard.support.job_trace import trace
from tests.dashboard.support.sample_stream import SampleStream, with_people

from dashboard.api.openapi import document
from dashboard.app import create_app
from dashboard.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from playwright.sync_api import Page

#: Routes that are no API.
FOR_PEOPLE = {"/", "/favicon.ico", "/preview.png", "/static/{name}", "/api"}
CONFIG = Path(__file__).parents[1] / "support" / "schemathesis.toml"
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    made = create_app(Settings(push_token=SecretStr(TOKEN), data_dir=tmp_path), lambda: 0, lambda: 0)
    yield made
    made.extensions["dashboard.history"].close()


def test_it_describes_every_route_and_no_other(app: Flask) -> None:
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, methods in document()["paths"].items() for method in methods}
    assert {route for route in routes if route[0] not in FOR_PEOPLE} == described


def test_every_field_is_explained() -> None:
    shapes = document()["components"]["schemas"]
    unexplained = {
        f"{name}.{field}"
        for name, shape in shapes.items()
        for field, of in shape.get("properties", {}).items()
        if not of.get("description")
    }
    assert unexplained == set()
    assert all(shape.get("description") for shape in shapes.values())


def test_it_refers_only_to_what_is_there() -> None:
    described = document()
    references = set(re.findall(r"'#/components/schemas/(\w+)'", str(described)))
    assert references <= described["components"]["schemas"].keys()


def run_schemathesis(url: str, *options: str) -> None:
    """Try cases that are the same each time, and print how many; nothing may be wrong."""
    command = [
        str(SCHEMATHESIS), "--config-file", str(CONFIG), "run", f"{url}/api/openapi.json",
        "--phases=coverage,fuzzing", "--generation-deterministic",
        "--continue-on-failure", "--no-color", "--request-timeout=10", *options,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (cases,) = re.findall(r"(\d+) generated", done.stdout)
    sys.stdout.write(f"schemathesis: {cases} cases, {' '.join(options)}\n")
    assert int(cases) > 200


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Dashboard]:
    """A dashboard that minds no number of requests, with a job that answers."""
    with fake_job(TOKEN) as job:
        two = {"counted": None, "recounted": 3}
        job.answers = {
            "/search": (200, {"at_ms": 1, "tags": [counted("Small", 12, 431, 40)]}),
            "/recount": (200, {"from_ms": 1, "to_ms": 2, "posts": two, "tag": two, "read_posts": 3}),
            "/trace": (200, {"trace": trace(), "error": None}),
        }
        running = Dashboard(tmp_path, REQUESTS_PER_MINUTE="0", API_REQUESTS_PER_MINUTE="0", JOB_URL=job.url)
        yield running
        running.kill()


@pytest.fixture
def fuzzed(patient: Dashboard) -> Dashboard:
    """The same with a snapshot of the job."""
    stream = SampleStream(int(time.time() * 1000), panes=50)
    # Panes so long that it is ready however slow this machine is.
    body = stream.snapshot(int(time.time() * 1000)) | {"panes": stream.closed_panes(), "pane_seconds": 3600}
    feeder.push(patient.url, TOKEN, with_people(body))
    return patient


@pytest.mark.slow
def test_a_fuzzer_finds_no_answer_that_is_not_described(fuzzed: Dashboard) -> None:
    run_schemathesis(fuzzed.url, "--include-method=GET", "--max-examples=30")
    assert "Traceback" not in fuzzed.stderr


@pytest.mark.slow
def test_a_fuzzer_that_pushes_finds_no_answer_that_is_not_described(fuzzed: Dashboard) -> None:
    # A snapshot has rules that a schema can't tell, such as that posts don't rise: such pushes are refused, rightly.
    run_schemathesis(
        fuzzed.url, "--include-method=POST", "--max-examples=60", f"--header=Authorization: Bearer {TOKEN}",
        "--exclude-checks=positive_data_acceptance",
    )  # fmt: skip
    # What was made up may be old by now.
    run_schemathesis(fuzzed.url, "--include-method=GET", "--exclude-path=/readyz", "--max-examples=30")
    assert "Traceback" not in fuzzed.stderr


@pytest.mark.parametrize("viewport", [(1440, 900), (390, 844)], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_people_can_read_it(visit: Callable[..., Page], viewport: tuple[int, int], scheme: str) -> None:
    page = visit(viewport={"width": viewport[0], "height": viewport[1]}, color_scheme=scheme)
    page.goto(f"{page.url}api")
    expect(page.locator("h1")).to_have_text("Hashtags, live: API")
    operations = sum(len(methods) for methods in document()["paths"].values())
    expect(page.locator("article .method")).to_have_count(operations)
    width: int = page.evaluate("document.documentElement.scrollWidth")
    assert width <= viewport[0]
    page.get_by_role("link", name="ShownSnapshot").first.click()
    expect(page.locator("#ShownSnapshot")).to_be_in_viewport()
    broken: list[Any] = page.evaluate(
        "() => [...document.querySelectorAll('a[href^=\"#\"]')].map((link) => link.hash.slice(1))"
        ".filter((id) => !document.getElementById(id))"
    )
    assert broken == []


def test_the_page_is_found_with_a_slash_too(app: Flask) -> None:
    client = app.test_client()
    for path in ("/api", "/api/"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
