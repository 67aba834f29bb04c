"""`python -m spark_job check-alerts`: a sentence for each rule, and when it would have fired."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from spark_job.alerts.check import check_alerts

TELL = "hashtags of each window tell:"
T = 1_795_176_000_000
RULES = """
[[alert]]
name = "top"
when = "enters"
top = 1
[[alert]]
name = "es"
when = "passes"
posts = 5
lang = "es"
[[alert]]
name = "lost"
when = "stream"
stream = "posts lost"
"""


def pane(number: int, *top: tuple[str, int]) -> dict[str, Any]:
    """A stored pane as `GET /api/history` gives it, with the window of 30 s that ended with it."""
    from_ms = T + number * 10_000
    tags = [{"key": key, "label": key.title(), "posts": posts, "authors": None} for key, posts in top]
    window = {"from_ms": from_ms - 20_000, "posts": 50, "top": tags, "sources": None}
    return {
        "epoch": 1,
        "from_ms": from_ms,
        "to_ms": from_ms + 10_000,
        "posts": 9,
        "top": tags,
        "window": window,
        "rising": None,
    }


PANES = [pane(0, ("sun", 9)), pane(1, ("rain", 9), ("sun", 8)), pane(2, ("rain", 9)), pane(3)]


class _History(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        begin = int(self.path.split("=")[1])
        panes = [one for one in PANES if one["to_ms"] > begin][:2]
        rest = [one["from_ms"] for one in PANES if one["from_ms"] > panes[-1]["from_ms"]]
        body = json.dumps({"panes": panes, "next_from_ms": min(rest, default=None)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _History) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "alerts.toml"
    path.write_text(RULES)
    return path


def test_each_rule_is_explained(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_alerts([str(file)]) == 0
    assert capsys.readouterr().out.splitlines()[0] == (
        "top: Any hashtag enters the top 1; again after 1 hour at the earliest, and after it was below place 3."
    )


def test_a_file_that_cannot_be_used_is_a_sentence(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("[[alert]]\nname = 5\n")
    assert check_alerts([str(file)]) == 2
    assert capsys.readouterr().err == f"{file}, line 2: 'name' must be a text of 1 to 80 characters, not 5\n"


def test_a_replay_says_when_a_rule_would_have_fired(
    file: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check_alerts([str(file), "--replay", address]) == 0
    assert capsys.readouterr().out.splitlines()[4:] == [
        "es: can't be replayed, because the history has no lists of one language or source.",
        "lost: can't be replayed, because the history has no states of sources.",
        f"1 alert from 2026-11-20 12:00:00 UTC to 2026-11-20 12:00:40 UTC, as far as the stored leading {TELL}",
        "2026-11-20 12:00:20 UTC  top: #Rain (place 1, posts 9)",
    ]


def test_a_replay_knows_no_places_of_windows_that_were_not_counted_completely(
    file: Path, address: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    panes = [pane(0, ("sun", 9)), pane(1, ("rain", 9), ("sun", 8)), pane(2, ("rain", 9)), pane(3, ("hail", 9))]
    for one in panes[:2]:
        one["window"]["counted_from_ms"] = T
    monkeypatch.setitem(globals(), "PANES", panes)
    assert check_alerts([str(file), "--replay", address]) == 0
    total, *alerts = capsys.readouterr().out.splitlines()[6:]
    assert total.startswith("1 alert from ")
    assert alerts == ["2026-11-20 12:00:40 UTC  top: #Hail (place 1, posts 9)"]


@pytest.mark.parametrize("history", ["http://127.0.0.1:1", "none", __file__])
def test_a_history_that_cannot_be_read_is_a_sentence(
    file: Path, history: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check_alerts([str(file), "--replay", history]) == 2
    assert capsys.readouterr().err.startswith(history)
