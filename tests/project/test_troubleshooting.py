"""Each sentence that docs/troubleshooting.md quotes is one that the product prints in that situation."""

import importlib.util
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from scripts import ready, run

from ingest import settings
from ingest.settings import SettingsError
from ingest.sources.base import Refused
from ingest.sources.common.proxy import proxy_for
from ingest.sources.x.errors import error_for
from spark_job.spark import java
from spark_job.spark.environment import NoSparkError, spark_environment
from spark_job.spark.errors import failure_sentence

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "troubleshooting.md").read_text()
DOCKERS_OWN = {"unknown flag: --wait", "docker: unknown command: docker compose"}
NO_ROOM = "database or disk is full"
Patch = pytest.MonkeyPatch


def quoted() -> list[str]:
    """The lines of the indented blocks, without commands. Those about Kafka have a test of their own."""
    sections = TEXT.partition("## 11. ")[0]
    return [line for line in re.findall(r"^ {4}(\S.*)$", sections, re.MULTILINE) if line not in DOCKERS_OWN]


def taken_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(run.RunError) as caught:
            run.check_port("DASHBOARD_PORT", "127.0.0.1", port)
    return str(caught.value).replace(str(port), "8000")


def folder_in_use(tmp_path: Path, monkeypatch: Patch) -> str:
    monkeypatch.chdir(tmp_path)
    run.hold(Path("data"))
    with pytest.raises(run.RunError) as caught:
        run.hold(Path("data"))
    return str(caught.value)


def no_java(tmp_path: Path, monkeypatch: Patch) -> str:
    with monkeypatch.context() as patch:
        patch.setattr(importlib.util, "find_spec", lambda name: None)
        with pytest.raises(java.NoJavaError) as caught:
            java.java_home({"PATH": str(tmp_path)}, tmp_path)
    return str(caught.value)


def old_python() -> str:
    """What make's own check prints, by a Python that calls itself 3.9.2."""
    (check,) = re.findall(r"\$\(PYTHON\) -c '(.+)'", (ROOT / "Makefile").read_text())
    older = "import sys; sys.version_info = (3, 9, 2); sys.version = '3.9.2 (default)'; "
    done = subprocess.run([sys.executable, "-c", older + check], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    return done.stderr.strip()


def another_spark() -> str:
    with pytest.raises(NoSparkError) as caught:
        spark_environment({"SPARK_HOME": "/opt/spark-3"}, "spark://spark.example:7077", Path("/nowhere"))
    return str(caught.value)


def unusable_proxy(monkeypatch: Patch) -> str:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy.example:1080")
    monkeypatch.delenv("https_proxy", raising=False)
    with pytest.raises(Refused) as caught:
        proxy_for("wss://jetstream.us-east.bsky.network/subscribe")
    return f"bluesky: {caught.value}"


def no_token(tmp_path: Path, monkeypatch: Patch) -> str:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError) as caught:
        settings.load(source="x", track="cup")
    return str(caught.value)


def wrong_token() -> str:
    return str(error_for(401, {}, b'{"title": "Unauthorized", "detail": "Unauthorized", "status": 401}', 0))


def said_at_the_start(seconds: float, snapshot: dict[str, Any] | None) -> str:
    clock = iter([0.0, seconds])
    said: list[str] = []
    ready.tell_when_ready(lambda: snapshot, said.append, "http://localhost:8000", lambda: next(clock), lambda _: True)
    return said[0]


def snapshot(**source: object) -> dict[str, Any]:
    status = {"sources": [{"name": "demo", "state": "live", "error": None, "filtered": 0, "malformed": 0} | source]}
    health = {"query_error": None, "lag_posts": 0, "ingest": {"reachable": True, "error": None, "status": status}}
    return {"total": {"posts": 0 if source else 50}, "health": health}


def installing() -> str:
    (sentence,) = re.findall(r'echo "(Installing [^"]+)"', (ROOT / "Makefile").read_text())
    return str(sentence.replace("$(VENV)", ".venv"))


def full_disk() -> sqlite3.Error:
    """SQLite's own error where there is no room."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE t (x)")
        database.execute("PRAGMA max_page_count = 2")
        try:
            database.execute("INSERT INTO t VALUES (zeroblob(100000))")
        except sqlite3.OperationalError as error:
            return error
    raise AssertionError("there was room")


def sentence_in(source: str, opening: str) -> str:
    """A sentence that needs a full disk: its words are those of the code, its end is SQLite's."""
    (words,) = re.findall(rf'f"({re.escape(opening)}[^{{]*)\{{', (ROOT / source).read_text())
    return f"{words}{full_disk()}"


def clock_set_back() -> str:
    """The state's error has the seconds; the sentence around it is the coordinator's."""
    source = (ROOT / "spark-job/spark_job/coordinator.py").read_text()
    (words,) = re.findall(r'f"(ingest\'s clock was set back by \{behind\}[^"]+)"', source)
    return str(words.format(behind="3600 s"))


@pytest.fixture
def produced(tmp_path: Path, monkeypatch: Patch) -> set[str]:
    """All sentences, each from the code that prints it."""
    make_run: Callable[[str], str] = "make run: {}".format
    return {
        make_run(taken_port()),
        make_run(folder_in_use(tmp_path, monkeypatch)),
        no_java(tmp_path, monkeypatch),
        old_python(),
        another_spark(),
        make_run(unusable_proxy(monkeypatch)),
        said_at_the_start(30, snapshot(filtered=1200)),
        make_run(no_token(tmp_path, monkeypatch)),
        wrong_token(),
        installing(),
        said_at_the_start(11, snapshot()),
        said_at_the_start(30, None),
        sentence_in("ingest/ingest/intake/upkeep.py", "the spool can't be written"),
        sentence_in("dashboard/dashboard/history/store.py", "the history can't be written"),
        clock_set_back(),
    }


def test_every_quoted_sentence_is_printed_by_the_product(produced: set[str]) -> None:
    assert [sentence for sentence in quoted() if sentence not in produced] == []
    assert produced <= set(quoted())


def test_what_the_job_says_of_a_full_disk() -> None:
    assert failure_sentence("OSError: [Errno 28] No space left on device") == "the disk is full"
    assert "`the disk is full`" in TEXT


def test_eleven_things_and_how_to_uninstall() -> None:
    numbers = re.findall(r"^## (\d+)\. ", TEXT, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 12)]
    assert "## Uninstall" in TEXT
