"""The machine that tests of containers need: an engine that answers, and the images that it runs."""

import os
import re
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A tag of its own: whoever tests on the machine that it runs on keeps the images of the running stack.
TAG = "test"
#: That of images whose Spark is apache/spark.
APACHE_TAG = "test-apache"
IMAGES = ("ingest", "dashboard", "spark", "caddy", "class")
BUILD_PROJECT = "hashtags-build"


def why_not() -> str | None:
    """Why no stack can be started on this machine, in a sentence, or `None`."""
    for command in (["docker", "info"], ["docker", "compose", "version"]):
        try:
            done = subprocess.run(command, capture_output=True, timeout=30, check=False)
        except FileNotFoundError:
            return "there is no docker on this machine"
        except subprocess.TimeoutExpired:
            return f"`{' '.join(command)}` does not answer"
        if done.returncode:
            return f"`{' '.join(command)}` fails: no Docker Engine with Compose v2 is reachable"
    if os.geteuid() != 0:
        return "to look into containers from outside, and to kill what runs there, takes root"
    for base in bases():
        if not (is_here(base) or can_be_pulled(base)):
            return f"the base image {base} is not here and can't be pulled"
    return None


def bases() -> list[str]:
    """The images that the Dockerfiles build on, unless another one is asked for."""
    dockerfiles = "".join(path.read_text() for path in sorted(ROOT.glob("*/Dockerfile")))
    return sorted(set(re.findall(r"^(?:ARG \w+_IMAGE=|FROM )([^\s$]+)", dockerfiles, re.MULTILINE)))


def is_here(image: str) -> bool:
    """Whether the engine has it."""
    return not subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode


def can_be_pulled(image: str) -> bool:
    """Pull it, if a registry is in reach."""
    try:
        return not subprocess.run(
            ["docker", "pull", "--quiet", image], capture_output=True, timeout=900, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        return False


def run(*command: str, timeout_seconds: float = 120, stdin: str = "", **environment: str) -> str:
    """What a command says, which gets no other settings; fails with all of it unless its exit code is 0."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=bare_environment() | environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout_seconds,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout


def bare_environment() -> dict[str, str]:
    """What docker needs; no setting and no `.env` of whoever runs the tests."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "DOCKER_HOST") if name in os.environ}
    return kept | {"COMPOSE_ENV_FILES": "/dev/null", "IMAGE_TAG": TAG}


def build() -> float:
    """Build all images; returns the seconds that it took."""
    began = time.monotonic()
    settings = {"COMPOSE_PROJECT_NAME": BUILD_PROJECT, "COMPOSE_PROFILES": "deploy,class"}
    run("docker", "compose", "build", "--quiet", timeout_seconds=900, **settings)
    return time.monotonic() - began


def build_spark_on(base: str, tag: str) -> float:
    """Build the Spark image on another base under `tag`, beside the other images; returns the seconds that it took."""
    began = time.monotonic()
    settings = {"COMPOSE_PROJECT_NAME": BUILD_PROJECT, "SPARK_IMAGE": base, "IMAGE_TAG": tag}
    run("docker", "compose", "build", "--quiet", "spark-master", timeout_seconds=900, **settings)
    for name in ("ingest", "dashboard"):
        run("docker", "tag", f"hashtags-live/{name}:{TAG}", f"hashtags-live/{name}:{tag}")
    return time.monotonic() - began


def megabytes(image: str) -> int:
    """How large it is."""
    return round(int(run("docker", "image", "inspect", "--format", "{{.Size}}", image)) / 1e6)


def remove_leftovers() -> None:
    """Remove images that tests built before and that no tag names any more."""
    label = f"label=com.docker.compose.project={BUILD_PROJECT}"
    run("docker", "image", "prune", "--force", "--filter", label)
