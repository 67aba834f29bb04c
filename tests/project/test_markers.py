"""`make test-fast` runs what has no marker: such a test starts no browser, no Spark, no container and no service."""

import sys
from pathlib import Path

import pytest
from tests.markers import PROGRAMS, RULES, TESTS, markers
from tests.project.pytest_run import run_pytest

COMMANDS = {
    "browser": ["/usr/bin/chromium", "--version"],
    "spark": [sys.executable, "-m", "spark_job"],
    "docker": ["docker", "compose", "up"],
    "kafka": ["java", "kafka.Kafka", "server.properties"],
    "slow": [sys.executable, "-m", "dashboard"],
}
# The tests try to start these commands with a program that does not exist.
STARTS = f"""
import subprocess
import pytest

COMMANDS = {COMMANDS!r}

def start(name):
    with pytest.raises(FileNotFoundError):
        subprocess.run(COMMANDS[name], executable="/nowhere/to/be/found")
"""


@pytest.mark.parametrize(
    ("path", "fixtures", "expected"),
    [
        ("ingest/test_pipeline.py", [], set()),
        ("dashboard/static/test_features.py", ["visit", "browser", "dashboard"], {"browser", "slow"}),
        ("spark_job/test_job.py", ["scene", "python", "dashboard"], {"spark"}),
        ("end_to_end/test_first_light.py", ["browser"], {"spark", "browser", "alone"}),
        ("compose/test_stack.py", [], {"docker", "alone"}),
        ("faults/test_kill.py", ["python", "seed"], {"spark", "slow"}),
        ("ingest/test_faults.py", ["start"], {"slow"}),
        ("kafka/test_broker.py", ["kafka_broker", "kafka_jars"], {"kafka"}),
    ],
)
def test_folders_and_fixtures_decide_the_markers(path: str, fixtures: list[str], expected: set[str]) -> None:
    assert markers(TESTS / path, fixtures) == expected


@pytest.mark.parametrize("rule", RULES)
def test_what_a_rule_names_is_there(rule: tuple[str, str | None, str]) -> None:
    folder, fixture, _ = rule
    assert (TESTS / folder).is_dir()
    assert fixture is None or f"def {fixture}(" in (TESTS / folder / "conftest.py").read_text()


def test_an_unmarked_test_that_starts_such_a_program_fails(tmp_path: Path) -> None:
    tests = "".join(f"def test_{name}():\n    start('{name}')\n" for name in COMMANDS)
    said = run_pytest(tmp_path, STARTS + tests)
    assert f"{len(COMMANDS)} failed" in said
    for name in PROGRAMS:
        assert f"starts a program that needs the marker '{name}'" in said


@pytest.mark.slow
def test_with_its_marker_a_test_may_start_the_program(tmp_path: Path) -> None:
    tests = "".join(f"@pytest.mark.{name}\ndef test_{name}():\n    start('{name}')\n" for name in COMMANDS)
    assert f"{len(COMMANDS)} passed" in run_pytest(tmp_path, STARTS + tests)


@pytest.mark.slow
def test_a_fixture_of_the_whole_run_may_start_a_program_when_it_ends(tmp_path: Path) -> None:
    fixture = "import pytest\n@pytest.fixture(scope='session')\ndef service():\n    yield\n    start('docker')\n"
    tests = "@pytest.mark.docker\ndef test_first(service):\n    pass\ndef test_last():\n    pass\n"
    assert "2 passed" in run_pytest(tmp_path, STARTS + fixture + tests)


@pytest.mark.slow
def test_a_browser_cannot_be_had_without_its_fixture(tmp_path: Path) -> None:
    code = "from playwright.sync_api import sync_playwright\ndef test_it():\n    sync_playwright().start()\n"
    assert "starts a program that needs the marker 'browser'" in run_pytest(tmp_path, code)


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_a_skip_is_a_failure_where_strict_is_set(tmp_path: Path, options: tuple[str, ...]) -> None:
    code = "import pytest\ndef test_it():\n    pytest.skip('there is no such thing')\n"
    assert "1 skipped" in run_pytest(tmp_path, code, *options)
    said = run_pytest(tmp_path, code, *options, STRICT="1")
    assert "1 failed" in said
    assert "test_it must not be skipped under STRICT=1: Skipped: there is no such thing" in said
