"""scripts/secret.sh, by which containers agree on a secret that none of them had."""

import subprocess
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "secret.sh"


def test_all_who_ask_at_the_same_time_get_the_same(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    asking = [subprocess.Popen(["sh", SCRIPT, path], stdout=subprocess.PIPE, text=True) for _ in range(20)]
    answers = {one.communicate(timeout=30)[0] for one in asking}
    assert [one.returncode for one in asking] == [0] * 20
    assert answers == {path.read_text()}
    assert len(path.read_text()) == 64
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_one_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("given by somebody\n")
    assert subprocess.run(["sh", SCRIPT, path], capture_output=True, check=True).stdout == b"given by somebody\n"
    assert path.read_text() == "given by somebody\n"


def test_a_folder_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    done = subprocess.run(["sh", SCRIPT, tmp_path / "no" / "secret"], capture_output=True, check=False)
    assert done.returncode != 0
    assert done.stdout == b""
    assert b"secret" in done.stderr
