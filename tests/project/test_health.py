"""scripts/health.py, by which the engine knows how a container is: the job is well, or a sentence says why not."""

import importlib.util
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "health.py"


@pytest.fixture(scope="module")
def health() -> ModuleType:
    spec = importlib.util.spec_from_file_location("health", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def snapshot(*, age_ms: int = 0, batch: dict[str, Any] | None = None, **health: Any) -> dict[str, Any]:
    """A snapshot, which came `age_ms` ago, of a job that is well and has counted, but for what is given."""
    well = {"query_error": None, "lag_posts": 0, "ingest": {"reachable": True, "error": None}}
    return {
        "produced_at_ms": time.time_ns() // 1_000_000,
        "age_ms": age_ms,
        "batch": {"posts": 1} if batch is None else batch or None,
        "health": well | health,
    }


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """What the dashboard answers."""
    answer = snapshot()

    class Dashboard(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_old = answer["age_ms"] > 15_000
            sentence = f"The newest snapshot came {answer['age_ms'] // 1000} s ago, and is old after 15 s."
            readiness = {"error": sentence} if is_old else {"status": "ready"}
            body = json.dumps(readiness if self.path == "/readyz" else answer).encode()
            self.send_response(503 if is_old and self.path == "/readyz" else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Dashboard) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("DASHBOARD_URL", f"http://127.0.0.1:{server.server_port}")
        yield answer
        server.shutdown()


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        (snapshot(), ""),
        (snapshot(batch={}), ""),
        (snapshot(lag_posts=5), ""),
        (snapshot(batch={}, lag_posts=5), "posts are waiting, and none of them has been counted yet"),
        (snapshot(query_error="no disk"), "the query ended: no disk"),
        (snapshot(ingest={"reachable": False, "error": "refused"}), "ingest can't be reached: refused"),
    ],
)
def test_a_job_is_well_or_a_sentence_says_why_not(
    health: ModuleType,
    shown: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    now: dict[str, Any],
    sentence: str,
) -> None:
    shown |= now | {"produced_at_ms": time.time_ns() // 1_000_000}
    assert health.main("spark-job") == bool(sentence)
    assert capsys.readouterr().out.strip() == sentence


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_no_proxy_stands_between_a_check_and_its_service(
    health: ModuleType, shown: dict[str, Any], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Docker gives each container the proxy that its configuration names."""
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    shown |= snapshot(batch={}) | {"produced_at_ms": time.time_ns() // 1_000_000}
    assert health.main("spark-job") == 0


def test_a_job_that_has_stopped_pushing_is_unwell(
    health: ModuleType, shown: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    shown |= snapshot(age_ms=60_000)
    assert health.main("spark-job") == 1
    assert capsys.readouterr().out.strip() == "The newest snapshot came 60 s ago, and is old after 15 s."


@pytest.mark.parametrize("off_ms", [15_001, -15_001, 3_600_000, -3_600_000])
def test_a_job_whose_clock_is_wrong_is_well(health: ModuleType, shown: dict[str, Any], off_ms: int) -> None:
    shown["produced_at_ms"] += off_ms
    assert health.main("spark-job") == 0


def test_a_service_that_does_not_answer_is_unwell(
    health: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DASHBOARD_URL", "http://127.0.0.1:9")
    assert health.main("spark-job") == 1
    assert "refused" in capsys.readouterr().out
