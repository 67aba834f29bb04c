"""The workflow of a fork: only what is in this repository, and actions at a fixed major version."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
JOBS = yaml.safe_load(TEXT)["jobs"]


def commands(job: str) -> str:
    return "\n".join(step.get("run", "") for step in JOBS[job]["steps"])


def test_it_lints_and_tests_fast_first_and_then_runs_all_tests() -> None:
    assert "make lint STRICT=1" in commands("fast")
    assert "make test-fast" in commands("fast")
    assert JOBS["all"]["needs"] == "fast"
    assert re.search(r"STRICT=1 make test$", commands("all"), re.MULTILINE)
    assert "build --pull" in commands("all"), "the public base images are pulled"


def test_it_needs_nothing_outside_of_the_repository() -> None:
    assert "shared" not in TEXT
    assert "secrets." not in TEXT


def test_its_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    stamps = {".venv/.dev", ".venv-spark-4.0/.run", ".venv-sparks/.run", ".venv-class/.run", ".kafka/.run"}
    named = {word for line in re.findall(r"\bmake ([^\n]+)", TEXT) for word in line.split() if "=" not in word}
    assert named <= targets | stamps


def test_actions_have_a_version() -> None:
    uses = [step["uses"] for job in JOBS.values() for step in job["steps"] if "uses" in step]
    assert uses
    assert [action for action in uses if not re.fullmatch(r"actions/[a-z-]+@v\d+", action)] == []
