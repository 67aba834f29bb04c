"""README and docs/deploy.md say of the deployment what docker-compose.yml says."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

import dashboard.settings
import ingest.settings
import spark_job.settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
DEPLOY = (ROOT / "docs" / "deploy.md").read_text()
README = (ROOT / "README.md").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
VOLUMES = set(yaml.safe_load(COMPOSE)["volumes"])
SETTINGS: dict[str, type[BaseSettings]] = {
    "ingest": ingest.settings.Settings,
    "spark-job": spark_job.settings.Settings,
    "dashboard": dashboard.settings.Settings,
}


def read_by_compose() -> dict[str, str]:
    """The settings that docker-compose.yml itself reads, with their defaults."""
    defaults = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", COMPOSE))
    # An empty file is none.
    return defaults | {"LOGIN_FILE": "", "TARGETS_FILE": ""}


def settings_rows() -> dict[str, str]:
    """The table of docs/deploy.md: settings and defaults."""
    return dict(re.findall(r"^\| `([A-Z_]+)` \| (?:`([^`]*)`)?[^|]*\|", DEPLOY, re.MULTILINE))


def environment(service: str) -> set[str]:
    """The names of what a service gets."""
    given = SERVICES[service].get("environment", [])
    return set(given) if isinstance(given, dict) else {entry.partition("=")[0] for entry in given}


def test_every_setting_that_compose_reads_is_listed_with_its_default() -> None:
    assert settings_rows() == read_by_compose()


@pytest.mark.parametrize("service", SETTINGS)
def test_every_setting_of_a_service_reaches_it_or_the_docs_say_that_it_does_not(service: str) -> None:
    (sentence,) = re.findall(r"^((?:`[A-Z_]+`(?:, | and ))+`[A-Z_]+`) are fixed inside", DEPLOY, re.MULTILINE)
    fixed = set(re.findall(r"`([A-Z_]+)`", sentence))
    fields = {name.upper() for name in SETTINGS[service].model_fields}
    assert fields - environment(service) - settings_rows().keys() <= fixed


def test_a_service_gets_no_setting_of_another_one() -> None:
    for service, settings in SETTINGS.items():
        fields = {name.upper() for name in settings.model_fields}
        assert environment(service) - fields <= {"SPARK_LOCAL_DIRS"}, service


def test_the_services_keep_what_the_docs_say() -> None:
    rows = re.findall(r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| [^|]+ \| `([a-z]+)`", DEPLOY, re.MULTILINE)
    said = {re.findall(r"`([a-z-]+)`", names)[0]: volume for names, volume in rows}
    kept = {
        name: mount.split(":")[0]
        for name, service in SERVICES.items()
        for mount in service.get("volumes", [])
        if re.search(r":(/var/lib/kafka)?/data$", mount)
    }
    assert said == kept


def test_the_bounds_of_memory_are_those_of_compose() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| [^|]+ \| ([\d,]+) \|$", DEPLOY, re.MULTILINE))
    megabytes = {"m": 1, "g": 1024}
    bounds = {
        name: int(service["mem_limit"][:-1]) * megabytes[service["mem_limit"][-1]] for name, service in SERVICES.items()
    }
    assert {name: int(bound.replace(",", "")) for name, bound in rows.items()} == bounds


@pytest.mark.parametrize("text", [README, DEPLOY], ids=["README.md", "deploy.md"])
def test_commands_name_only_what_there_is(text: str) -> None:
    assert "docker compose up --wait" in text
    assert set(re.findall(r"--scale ([a-z-]+)=", text)) <= SERVICES.keys()
    assert set(re.findall(r"--profile ([a-z-]+)", text)) <= {
        profile for service in SERVICES.values() for profile in service.get("profiles", [])
    }
    images = {re.sub(r":\$.*", "", service["image"]) for service in SERVICES.values() if "image" in service}
    assert set(re.findall(r"hashtags-live/[a-z]+", text)) <= images | {"hashtags-live/spark"}
    assert set(re.findall(r"hashtags-live_([a-z-]+)", text)) <= VOLUMES | {"inside"}
    ports = set(re.findall(r"http://(?:localhost|127\.0\.0\.1):(\d+)", text))
    assert read_by_compose()["DASHBOARD_PORT"] in ports
    assert ports <= {read_by_compose()[name] for name in ("DASHBOARD_PORT", "NOTEBOOK_PORT")}


def test_all_name_the_same_base_of_the_spark_image() -> None:
    base = read_by_compose()["SPARK_IMAGE"]
    assert f"ARG SPARK_IMAGE={base}\n" in (ROOT / "spark-job" / "Dockerfile").read_text()
    assert f"`{base}`" in DEPLOY
    assert f"`{base}`" in README


def test_what_dockerfiles_copy_is_sent_to_the_builder() -> None:
    """`.dockerignore` leaves everything out but what it names."""
    sent = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    for dockerfile in ROOT.glob("*/Dockerfile"):
        for words in re.findall(r"^COPY (?!--from)(?:--\S+ )*(.+)$", dockerfile.read_text(), re.MULTILINE):
            sources = words.split()[:-1]
            assert sources
            assert set(sources) <= sent, dockerfile
