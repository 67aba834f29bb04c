from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from tests.dashboard.conftest import ROOT, TOKEN, Dashboard

from dashboard import __main__ as dashboard_main
from dashboard.history import file as history_file
from dashboard.server.open_files import file_limits
from dashboard.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def start(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Start a dashboard that can't start."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "dashboard"), "PUSH_TOKEN": TOKEN}
    return subprocess.run(
        [sys.executable, "-m", "dashboard"],
        cwd=folder, env={**environment, **settings}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


NO_ORIGIN = " must be origins such as https://example.org or https://*.example.org, or one *"


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("DASHBOARD_PORT", "x", " must be a whole number from 0 to 65535, not 'x'"),
        ("DASHBOARD_PORT", "65536", " must be a whole number from 0 to 65535, not '65536'"),
        ("TOP_N", "0", " must be a whole number from 1 to 20, not '0'"),
        ("TOP_N", "21", " must be a whole number from 1 to 20, not '21'"),
        ("EMBED_ORIGINS", "https://a.example; script-src *", f"{NO_ORIGIN}, not 'https://a.example; script-src *'"),
        ("EMBED_ORIGINS", "*,example.org", f"{NO_ORIGIN}, not '*,example.org'"),
        ("EMBED_ORIGINS", "*,https://a.example", f"{NO_ORIGIN}, not '*,https://a.example'"),
        ("PUBLIC_URL", "a.example", " must be an address such as https://trends.example.org, not 'a.example'"),
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
    assert ended.stderr == ("dashboard: MESSAGE_QUEUE must be the address of a Redis, such as redis://localhost:6379\n")


def limited(files: int, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Start a dashboard that can't start, with a hard limit of open files."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "dashboard"), "PUSH_TOKEN": TOKEN}
    return subprocess.run(
        ["/bin/sh", "-c", f'ulimit -n {files} && exec "$0" -m dashboard', sys.executable],
        cwd=folder, env={**environment, **settings}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(("files", "pages"), [(4096, 2996), (1024, 668), (256, 92)])
def test_without_a_setting_as_many_pages_are_taken_as_files_may_be_open(tmp_path: Path, files: int, pages: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        ended = limited(files, tmp_path, DASHBOARD_PORT=str(other.getsockname()[1]))
    fits = f"{pages} fit into the {files} open files that this machine allows (ulimit -Hn)"
    notice, refusal = ended.stderr.splitlines()
    assert notice.endswith(f" WARNING dashboard: MAX_PAGES is {pages}, not 5000: {fits}")
    # It got as far as the port, which is taken.
    assert "must be a free port" in refusal


def test_a_number_of_pages_that_somebody_wants_and_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    ended = limited(4096, tmp_path, MAX_PAGES="5000")
    fits = "2996 fit into the 4096 open files that this machine allows (ulimit -Hn)"
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"dashboard: MAX_PAGES must be at most 2996, not 5000: {fits}\n"


def test_a_limit_in_which_nothing_fits_is_named(tmp_path: Path) -> None:
    ended = limited(200, tmp_path)
    assert ended.returncode == 2
    assert ended.stderr == (
        "dashboard: MAX_PAGES: the dashboard needs at least 256 open files, and may open 200 (ulimit -Hn)\n"
    )


def test_a_small_limit_leaves_room_for_others_beside_the_pages() -> None:
    assert file_limits(5000, 1_000_000) == (5000, 6000, 6100)
    assert file_limits(600, 1024) == (600, 856, 956)


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
    assert ended.stderr == f"dashboard: DASHBOARD_PORT must be a free port, not {port}, which another program uses\n"


def test_a_directory_in_use_or_unusable_is_named(tmp_path: Path, dashboard: Dashboard) -> None:
    ended = start(tmp_path, DATA_DIR=str(tmp_path), DASHBOARD_PORT="0")
    assert (ended.returncode, ended.stderr) == (
        2,
        f"dashboard: DATA_DIR must be a folder that no other dashboard uses, not '{tmp_path}'\n",
    )
    (tmp_path / "file").write_text("", encoding="utf-8")
    ended = start(tmp_path, DATA_DIR="file", DASHBOARD_PORT="0")
    assert (ended.returncode, ended.stderr) == (
        2,
        "dashboard: DATA_DIR must be a folder that can be written, not 'file' (Not a directory)\n",
    )


def test_a_disk_without_room_for_a_directory_keeps_nobody_from_serving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Path) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(dashboard_main, "lock_history", full)
    settings = Settings(push_token=SecretStr(TOKEN), data_dir=tmp_path, dashboard_port=0)
    (listener,) = dashboard_main.prepare(settings)
    listener.close()


def test_it_says_one_line_and_stops_without_a_word(dashboard: Dashboard) -> None:
    assert dashboard.stop() < 5
    (line,) = (dashboard.folder / "stderr.txt").read_text(encoding="utf-8").splitlines()
    assert line.endswith(f"Z INFO dashboard: serving on {dashboard.url}")


def test_a_history_of_a_newer_format_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "data" / "history" / "history.sqlite"
    file.parent.mkdir(parents=True)
    with closing(history_file.connect(file)) as database:
        database.execute("PRAGMA user_version = 5")
    before = file.read_bytes()
    ended = start(tmp_path)
    assert ended.returncode == 2
    assert ended.stderr == (
        "dashboard: DATA_DIR must be a folder that this version can use (data/history/history.sqlite was left as it is:"
        " its format is 5, and"
        " this version of the dashboard knows 4 at most. Run the newer version, or move the file away to begin a new"
        " history)\n"
    )
    assert file.read_bytes() == before
