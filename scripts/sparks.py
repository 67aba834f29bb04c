"""Install the versions of Spark between the oldest and the newest, each on another Python where this machine has it.

`sparks.py FOLDER` makes a virtual environment for each version. The tests of all versions of Spark use them
(tests/spark_job/spark/test_versions.py). An environment on this Python finds the job's packages in the environment of
`make run`. One on another Python has its own.

Spark's file is unpacked as it is. `pip install` would pack its 450 MB into a wheel first.
"""

import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")
#: Where pyenv has its interpreters.
PYENV = Path("~/.pyenv/versions").expanduser()
#: The folders of Spark's file, and where an installed pyspark has them.
PLACES = {"pyspark": "pyspark", "deps/jars": "pyspark/jars", "deps/bin": "pyspark/bin", "lib": "pyspark/python/lib"}


class Version(NamedTuple):
    """A version of Spark, the file with its hash, and the Python that it shall have."""

    name: str
    lock: str
    python: str


#: The images of apache/spark have Python 3.10.
VERSIONS = (
    Version("4.0", "requirements-spark-apache.txt", "3.10"),
    Version("4.1", "requirements-spark-4.1.txt", "3.12"),
    Version("4.2", "requirements-spark-4.2.txt", "3.13"),
)


def interpreter(python: str) -> Path:
    """The interpreter of this version on this machine, else the one that runs this."""
    return next((path for path in _candidates(python) if _version_of(path) == python), Path(sys.executable))


def _candidates(python: str) -> Iterator[Path]:
    on_path = shutil.which(f"python{python}")
    if on_path is not None:
        yield Path(on_path)
    yield from sorted(PYENV.glob(f"{python}.*/bin/python{python}"))


def _version_of(path: Path) -> str | None:
    """Such as 3.10; `None` if it does not run, as a shim of pyenv without its version."""
    ask = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([path, "-IS", "-c", ask], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def make(version: Version, folder: Path) -> str:
    """Make the environment of this version in `folder`; returns a sentence about it."""
    base = interpreter(version.python)
    subprocess.run([base, "-m", "venv", "--without-pip", "--clear", folder], check=True)
    python = folder / "bin" / "python"
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip())
    if base == Path(sys.executable):
        (packages / "shared.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    else:
        lock = ROOT / "spark-job" / "requirements.txt"
        _pip("--python", str(python), "install", "--require-hashes", "--only-binary=:all:", "--requirement", str(lock))
    with tempfile.TemporaryDirectory(dir=folder) as downloads:
        unpack(download(ROOT / version.lock, Path(downloads)), packages)
    subprocess.run([python, ROOT / "scripts" / "add_paths.py"], check=True)
    return f"Spark {version.name} is installed into {folder} on {base}"


def download(lock: Path, folder: Path) -> Path:
    """Spark's file, whose hash is in `lock`."""
    own = folder / "lock.txt"
    # Each version contains the py4j that it needs.
    own.write_text(lock.read_text()[lock.read_text().index("pyspark==") :])
    _pip("download", "--no-deps", "--require-hashes", "--no-binary=:all:", "--dest", str(folder), "-r", str(own))
    (file,) = folder.glob("pyspark-*.tar.gz")
    return file


def _pip(*words: str) -> None:
    subprocess.run([sys.executable, *PIP, *words], check=True)


def unpack(file: Path, packages: Path) -> None:
    """Put what Spark's file contains where an installation would have it."""
    with tarfile.open(file) as archive:
        for member in archive:
            place, content = place_of(member.name), archive.extractfile(member)
            if place is not None and content is not None:
                target = packages / place
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as copy:
                    shutil.copyfileobj(content, copy, 2**20)
                target.chmod(0o755 if member.mode & 0o100 else 0o644)
    (py4j,) = (packages / "pyspark" / "python" / "lib").glob("py4j-*-src.zip")
    shutil.unpack_archive(py4j, packages)


def place_of(name: str) -> str | None:
    """Where an installation has this file of Spark's; `None` if nothing here needs it."""
    _, _, inner = name.partition("/")
    return next((new + inner[len(old) :] for old, new in PLACES.items() if inner.startswith(f"{old}/")), None)


def main(folder: Path) -> None:
    """Make all environments below `folder`."""
    print(f"Three versions of Spark are installed into {folder}, 1.5 GB, in about a minute.")
    with ThreadPoolExecutor(len(VERSIONS)) as pool:
        for sentence in pool.map(lambda version: make(version, folder / version.name), VERSIONS):
            print(sentence)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
