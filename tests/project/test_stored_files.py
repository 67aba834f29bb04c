"""What is stored belongs to the user who runs the services, and nobody else on the machine can read it."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from tests.processes import wait_until

from dashboard.history.lock import lock_history
from ingest.spool.lock import SpoolLock


def modes(folder: Path) -> dict[str, str]:
    """The permissions of a folder and of all below it."""
    return {str(path.relative_to(folder)): stat.filemode(path.lstat().st_mode) for path in [folder, *folder.rglob("*")]}


def open_to_others(folder: Path) -> dict[str, str]:
    return {name: mode for name, mode in modes(folder).items() if not mode.endswith("------")}


@pytest.fixture
def ordinary_umask() -> None:
    """Files are made as on most machines: everybody may read them."""
    os.umask(0o022)


@pytest.mark.slow
@pytest.mark.usefixtures("ordinary_umask")
def test_posts_and_recordings_are_for_their_user_alone(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "data"), "INGEST_PORT": "0", "TAIL_PORT": "0"}
    command = [sys.executable, "-m", "ingest"]
    spool = tmp_path / "data" / "spool"
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.DEVNULL) as ingest:
        try:
            wait_until((spool / "spool.sqlite-wal").exists, "posts are stored", 20)
            assert open_to_others(spool) == {}
        finally:
            ingest.terminate()
    recording = tmp_path / "posts.jsonl"
    subprocess.run([*command, "record", "--limit", "5", str(recording)], env=environment, cwd=tmp_path, check=True)
    assert stat.filemode(recording.stat().st_mode) == "-rw-------"


@pytest.mark.usefixtures("ordinary_umask")
def test_a_folder_of_an_earlier_version_is_closed_at_the_next_start(tmp_path: Path) -> None:
    for name in ("spool", "history"):
        (tmp_path / name).mkdir(mode=0o755)
    SpoolLock(tmp_path / "spool").close()
    os.close(lock_history(tmp_path / "history"))
    assert modes(tmp_path)["spool"] == modes(tmp_path)["history"] == "drwx------"
