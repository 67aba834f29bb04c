from __future__ import annotations

import errno
import os
import resource
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from tests.dashboard.conftest import ROOT, TOKEN, Dashboard

from dashboard import __main__ as dashboard_main
from dashboard.settings import Settings, SettingsError

if TYPE_CHECKING:
    from pathlib import Path


def start(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Start a dashboard that can't start."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "dashboard"), "PUSH_TOKEN": TOKEN}
    return subprocess.run(
        [sys.executable, "-m", "dashboard"],
        cwd=folder, env={**environment, **settings}, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip


NO_ORIGIN = "each must be an origin such as https://example.org or https://*.example.org, or there is one *"


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("DASHBOARD_PORT", "x", " must be a whole number from 0 to 65535, not 'x'"),
        ("DASHBOARD_PORT", "65536", " must be a whole number from 0 to 65535, not '65536'"),
        ("TOP_N", "0", " must be a whole number from 1 to 20, not '0'"),
        ("TOP_N", "21", " must be a whole number from 1 to 20, not '21'"),
        ("EMBED_ORIGINS", "https://a.example; script-src *", f": {NO_ORIGIN}, not 'https://a.example; script-src *'"),
        ("EMBED_ORIGINS", "*,example.org", f": {NO_ORIGIN}, not '*,example.org'"),
        ("EMBED_ORIGINS", "*,https://a.example", f": {NO_ORIGIN}, not '*,https://a.example'"),
        ("PUBLIC_URL", "a.example", ": it must be an address such as https://trends.example.org, not 'a.example'"),
        ("LOG_LEVEL", "loud", " must be DEBUG, INFO, WARNING or ERROR, not 'LOUD'"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_one_sentence_and_exit_code_2(
    tmp_path: Path, setting: str, value: str, sentence: str
) -> None:
    ended = start(tmp_path, **{setting: value})
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"dashboard: {setting}{sentence}\n"


def test_a_short_token_is_named_and_not_shown(tmp_path: Path) -> None:
    ended = start(tmp_path, PUSH_TOKEN="short-secret")
    assert ended.returncode == 2
    assert ended.stderr == "dashboard: PUSH_TOKEN must be at least 16 characters long\n"


def test_a_message_queue_that_is_none_is_named_and_not_shown(tmp_path: Path) -> None:
    ended = start(tmp_path, MESSAGE_QUEUE="http://user:secret@localhost")
    assert ended.returncode == 2
    assert ended.stderr == (
        "dashboard: MESSAGE_QUEUE: it must be the address of a Redis, such as redis://localhost:6379\n"
    )


def test_more_pages_than_files_may_be_open_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    settings = Settings(push_token=SecretStr(TOKEN), data_dir=tmp_path, dashboard_port=0)
    with pytest.raises(SettingsError) as caught:
        dashboard_main.prepare(settings)
    assert str(caught.value) == (
        "MAX_PAGES 5000 is too many: it takes 6100 open files, and this machine allows 4096 (ulimit -Hn)."
    )


def test_a_missing_token_is_named(tmp_path: Path) -> None:
    ended = start(tmp_path, PUSH_TOKEN="")
    assert (ended.returncode, ended.stderr) == (2, "dashboard: PUSH_TOKEN must be set\n")


def test_settings_come_from_a_dotenv_file_too_and_foreign_ones_are_ignored(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TOP_N=99\nSPARK_MASTER=local[2]\n", encoding="utf-8")
    assert start(tmp_path).stderr.startswith("dashboard: TOP_N must be ")


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = start(tmp_path, DASHBOARD_PORT=str(port))
    assert ended.returncode == 2
    assert ended.stderr == f"dashboard: DASHBOARD_PORT {port} is taken by another program.\n"


def test_a_directory_in_use_or_unusable_is_named(tmp_path: Path, dashboard: Dashboard) -> None:
    ended = start(tmp_path, DATA_DIR=str(tmp_path), DASHBOARD_PORT="0")
    assert (ended.returncode, ended.stderr) == (
        2,
        f"dashboard: DATA_DIR {tmp_path} is in use by another dashboard.\n",
    )
    (tmp_path / "file").write_text("", encoding="utf-8")
    ended = start(tmp_path, DATA_DIR="file", DASHBOARD_PORT="0")
    assert (ended.returncode, ended.stderr) == (
        2,
        "dashboard: DATA_DIR file can't be written: Not a directory.\n",
    )


def test_a_disk_without_room_for_a_directory_keeps_nobody_from_serving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Path) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(dashboard_main, "claim", full)
    settings = Settings(push_token=SecretStr(TOKEN), data_dir=tmp_path, dashboard_port=0)
    (listener,) = dashboard_main.prepare(settings)
    listener.close()


def test_it_says_one_line_and_stops_without_a_word(dashboard: Dashboard) -> None:
    assert dashboard.first_line == f"dashboard: {dashboard.url}"
    assert dashboard.stop() < 5
    assert dashboard.stderr == ""
