"""`make version`: write the version of pyproject.toml into services, notebooks and the labels of the images."""

import re
import sys
from pathlib import Path

import tomllib

ROOT = Path(__file__).resolve().parent.parent
#: The files that hold the version, and what stands before it there.
COPIES = {
    "ingest/ingest/__init__.py": '__version__ = "',
    "spark-job/spark_job/__init__.py": '__version__ = "',
    "dashboard/dashboard/__init__.py": '__version__ = "',
    "notebooks/hashtags/__init__.py": '__version__ = "',
    "notebooks/pyproject.toml": 'version = "',
    "ingest/Dockerfile": "LABEL org.opencontainers.image.version=",
    "spark-job/Dockerfile": "LABEL org.opencontainers.image.version=",
    "dashboard/Dockerfile": "LABEL org.opencontainers.image.version=",
    "notebooks/Dockerfile": "LABEL org.opencontainers.image.version=",
    "deploy/Dockerfile": "LABEL org.opencontainers.image.version=",
    "deploy/kubernetes/ingest.yaml": "          image: registry.example.org/hashtags-live/ingest:",
    "deploy/kubernetes/dashboard.yaml": "          image: registry.example.org/hashtags-live/dashboard:",
    "deploy/kubernetes/spark-job.yaml": "          image: registry.example.org/hashtags-live/spark:",
    "deploy/kubernetes/settings.yaml": (
        "    spark.kubernetes.container.image                     registry.example.org/hashtags-live/spark:"
    ),
}


def version() -> str:
    """The version in pyproject.toml, which is the source of all others."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def with_version(text: str, before: str, number: str) -> str:
    """`text` with `number` behind `before`.

    Raises:
        ValueError: `before` is not in the text exactly once.

    """
    changed, times = re.subn(rf"(?m)^({re.escape(before)})[\w.+-]+", rf"\g<1>{number}", text)
    if times != 1:
        raise ValueError(f"{before!r} is there {times} times, not once")
    return changed


def main() -> int:
    """Write every copy."""
    for name, before in COPIES.items():
        path = ROOT / name
        path.write_text(with_version(path.read_text(), before, version()))
    print(f"The version is {version()}. CHANGELOG.md needs a section of that name.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
