"""scripts/fresh.py, by which a deployment begins from zero: all is forgotten, or nothing while a service is at work."""

import fcntl
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "fresh.py"
FILES = ("spool/spool/lock", "spool/spool/spool.sqlite", "counts/counts/counts.duckdb", "history/history/lock")


@pytest.fixture(scope="module")
def fresh() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fresh", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    return tmp_path


def there(kept: Path) -> set[str]:
    return {str(path.relative_to(kept)) for path in kept.rglob("*") if path.is_file()}


def test_all_three_are_forgotten(fresh: ModuleType, kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fresh.main(kept) == 0
    assert there(kept) == set()
    assert sorted(path.name for path in kept.iterdir()) == ["counts", "history", "spool"]
    assert "from zero" in capsys.readouterr().out
    assert fresh.main(kept) == 0


@contextmanager
def duckdb_elsewhere(path: Path) -> Iterator[None]:
    """Another process that has the state open, as the job has."""
    code = "import duckdb, sys; db = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield
        assert process.stdin is not None
        process.stdin.close()


def test_nothing_is_forgotten_while_the_job_counts(
    fresh: ModuleType, kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (kept / "counts/counts/counts.duckdb").unlink()
    with duckdb_elsewhere(kept / "counts/counts/counts.duckdb"):
        assert fresh.main(kept) == 1
    assert there(kept) >= {"spool/spool/lock", "spool/spool/spool.sqlite", "history/history/lock"}
    said = "fresh: counts is in use; stop the services first: docker compose down\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("service", ["spool", "history"])
def test_nothing_is_forgotten_while_a_service_has_its_lock(fresh: ModuleType, kept: Path, service: str) -> None:
    with (kept / service / service / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert fresh.main(kept) == 1
    assert there(kept) == set(FILES)


def test_nothing_is_deleted_while_the_log_is_on_kafka(
    fresh: ModuleType, kept: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_URL", "kafka://kafka:9092/posts")
    assert fresh.main(kept) == 1
    assert capsys.readouterr().err.startswith("fresh: the log is on Kafka (LOG_URL), and nothing is deleted; ")
    assert there(kept) == set(FILES)
