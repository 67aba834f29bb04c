import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from spark_job.settings import Settings
from spark_job.spark import session
from spark_job.spark.class_archive import ArchiveError, write_archive
from spark_job.spark.session import archive_options, spark_conf

pytestmark = pytest.mark.spark

START = """
import os
import sys
from pathlib import Path
import psutil
from spark_job.spark import session
from spark_job.spark.java import java_home
from spark_job.settings import Settings
os.environ["JAVA_HOME"] = str(java_home(os.environ, Path(sys.prefix)))
session.ARCHIVE = Path({archive!r})
spark = session.start_session(Settings.model_construct(), Path("scratch"), (*session.archive_options(), *{more!r}))
print("rows:", spark.range(3).count())
maps = [each for child in psutil.Process().children(True) if child.name() == "java" for each in child.memory_maps()]
print("changed bytes:", sum(each.anonymous for each in maps if each.path == str(session.ARCHIVE)))
session.stop_session(spark)
"""


def start(folder: Path, archive: Path, *java_options: str) -> str:
    """What a session with this archive prints, its Java included."""
    script = START.format(archive=str(archive), more=java_options)
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
        check=False,
    )
    return done.stdout


def test_the_archive_that_make_has_made_fits_the_java_that_the_job_starts(tmp_path: Path) -> None:
    if not session.ARCHIVE.exists():
        pytest.skip("there is no class archive: `python -m spark_job.spark.class_archive` makes it")
    # With this option Java does not start at all when it can't use the archive.
    assert "rows: 3" in start(tmp_path, session.ARCHIVE, "-Xshare:on")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says which memory of a file was changed")
def test_most_memory_of_the_archive_stays_the_memory_of_the_file(tmp_path: Path) -> None:
    if not session.ARCHIVE.exists():
        pytest.skip("there is no class archive: `python -m spark_job.spark.class_archive` makes it")
    found = re.search(r"changed bytes: (\d+)", start(tmp_path, session.ARCHIVE))
    assert found is not None
    # A Java that moves the archive to another address changes more than three quarters of it.
    assert 0 < int(found[1]) < session.ARCHIVE.stat().st_size / 2


def test_an_archive_that_is_broken_costs_nothing_but_time(tmp_path: Path) -> None:
    archive = tmp_path / "classes.jsa"
    archive.write_bytes(b"not an archive" * 1000)
    assert "rows: 3" not in start(tmp_path, archive, "-Xshare:on")
    said = start(tmp_path, archive)
    assert "rows: 3" in said
    assert "archive" not in said


def test_without_an_archive_java_is_told_of_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "ARCHIVE", tmp_path / "none.jsa")
    assert archive_options() == ()
    options = spark_conf(Settings.model_construct(), tmp_path)["spark.driver.extraJavaOptions"]
    assert "SharedArchiveFile" not in options


def test_a_java_that_writes_no_archive_is_told_of_in_one_sentence(tmp_path: Path) -> None:
    java = tmp_path / "java"
    java.write_text("#!/bin/sh\necho 'Error: no room'\nexit 1\n")
    java.chmod(0o755)
    with pytest.raises(ArchiveError, match="Java wrote no archive: Error: no room"):
        write_archive(java, tmp_path / "names", "a.jar", tmp_path / "classes.jsa")
