"""Each fault of a lesson, done to the real services: the counts come out right, compared with a recount of the log."""

import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from tests.faults import contract
from tests.faults.counting import START_SECONDS, until_counting
from tests.faults.supervisor import Supervisor
from tests.faults.verdict import audit

pytestmark = pytest.mark.spark

NAMES = ("same-post", "wrong-clock", "cut-socket", "kill-python", "stop-spark")
SETTINGS = {
    "LESSON_FAULTS": 1, "SOURCE": "demo", "DEMO_RATE": 200, "DEMO_PAST_MINUTES": 0, "PANE_SECONDS": 2,
    "WINDOW_SECONDS": 60, "TRIGGER_SECONDS": 0.5,
}  # fmt: skip
FAULT_SECONDS = 90.0


def job_says(stack: Supervisor) -> dict[str, Any]:
    """The answer of the job about faults."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{stack.query_port}/faults",
        headers={"Authorization": f"Bearer {stack.settings['PUSH_TOKEN']}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return dict(json.load(answer))


def begin(stack: Supervisor, name: str) -> int:
    """Press the button."""
    request = urllib.request.Request(
        f"{stack.url}/api/lesson/faults",
        json.dumps({"fault": name}).encode(),
        {"Content-Type": "application/json", "Origin": stack.url},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return int(json.load(answer)["number"])


def outcome(stack: Supervisor, name: str) -> dict[str, Any]:
    """Begin a fault, and wait for its outcome."""
    number = begin(stack, name)

    def ended() -> dict[str, Any] | None:
        fault = job_says(stack)["latest"]
        return fault if fault["number"] == number and fault["state"] not in {"running", "checking"} else None

    fault = stack.wait_until(ended, f"the outcome of {name}", FAULT_SECONDS)
    stack.tell(f"{name}: {fault}")
    return fault


@pytest.mark.timeout(400)
def test_after_each_fault_all_posts_are_counted_once_and_a_job_that_ends_lets_java_go(tmp_path: Path) -> None:
    python = Path(sys.executable)
    with Supervisor(tmp_path, python, python, **SETTINGS) as stack:
        until_counting(stack)
        stack.wait_until(lambda: job_says(stack)["allowed"] or None, "faults are allowed", START_SECONDS)
        found = {name: outcome(stack, name) for name in NAMES}
        assert {name: fault["state"] for name, fault in found.items()} == dict.fromkeys(NAMES, "right"), stack.said()
        for fault in found.values():
            assert fault["accepted"] == fault["counted"] > 0
            assert (fault["lost"], fault["pane_counted"]) == (0, fault["pane_recounted"])
        assert found["same-post"]["duplicates"] == 1
        assert len(found["wrong-clock"]["sent"]) == 2
        assert found["cut-socket"]["connections"] >= 1
        assert "killed the Python worker" in stack.log("spark-job")
        # The demo sends 200 posts a second, also while Java stands still.
        assert found["stop-spark"]["ended_ms"] - found["stop-spark"]["began_ms"] >= 9_500
        assert found["stop-spark"]["accepted"] > 1_500
        status = contract.status(stack.ingest_port)
        assert status is not None
        held = contract.recount(stack.ingest_port, status["end"])
        assert held.offsets == list(range(status["end"]))
        assert max(held.ids.values()) == 1
        code, said = audit(stack)
        assert code == 0, said
        # Nothing is left behind: the end of the test looks for that.
        begin(stack, "stop-spark")
        (java,) = stack.victims("java")
        stack.wait_until(lambda: java.status() == "stopped" or None, "Java stands still", FAULT_SECONDS)
        stack.hold("spark-job")
        stack.wait_until(lambda: not java.is_running() or None, "Java ends", FAULT_SECONDS)
    assert stack.unexplained == []
