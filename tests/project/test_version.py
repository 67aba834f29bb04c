"""One version number: pyproject.toml has it, and all that a person or a program can look at says the same."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from scripts.version import COPIES, version, with_version

import dashboard
import ingest
import spark_job
from dashboard.api.openapi import document
from dashboard.app import create_app
from dashboard.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILES = sorted(ROOT.glob("*/Dockerfile"))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    app = create_app(Settings(push_token=SecretStr("0123456789abcdef"), data_dir=tmp_path), lambda: 0, lambda: 0)
    yield app.test_client()
    app.extensions["dashboard.history"].close()


def test_the_services_have_the_version_of_the_project() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", version())
    assert {ingest.__version__, spark_job.__version__, dashboard.__version__} == {version()}


def test_the_newest_section_of_the_changelog_has_it() -> None:
    sections = re.findall(r"^## .*?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert sections[0] == version()


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)
def test_an_image_is_labelled_with_it(dockerfile: Path) -> None:
    last_stage = dockerfile.read_text().rpartition("\nFROM ")[2]
    assert re.findall(r"^LABEL org\.opencontainers\.image\.version=(.+)$", last_stage, re.MULTILINE) == [version()]


def test_every_file_that_holds_it_is_known_to_the_script() -> None:
    assert {str(path.relative_to(ROOT)) for path in DOCKERFILES} <= set(COPIES)
    for name, before in COPIES.items():
        text = (ROOT / name).read_text()
        assert with_version(text, before, version()) == text
        assert f"{before}9.8.7" in with_version(text, before, "9.8.7")


@pytest.mark.spark
@pytest.mark.parametrize(("module", "name"), [("ingest",) * 2, ("spark_job", "spark-job"), ("dashboard",) * 2])
def test_each_service_prints_it(module: str, name: str) -> None:
    done = subprocess.run([sys.executable, "-m", module, "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{name} {version()}\n", "")


def test_the_dashboard_shows_it_to_people_and_programs(client: FlaskClient) -> None:
    health = client.get("/healthz").json
    assert health is not None
    assert health["version"] == version()
    assert f'\nhashtags_info{{version="{version()}"}} 1.0\n' in client.get("/metrics").text
    assert document()["info"]["version"] == version()
    foot = client.get("/").text.partition("<footer")[2].partition("</footer>")[0]
    assert f">v{version()}<" in foot
