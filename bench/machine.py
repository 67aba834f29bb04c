"""The machine of a measurement: hardware and versions."""

import os
import platform
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import psutil

from spark_job.spark.java import java_home

LIBRARIES = ("pyspark", "pyarrow", "duckdb", "msgspec", "gevent", "orjson")


def facts() -> dict[str, str]:
    """The facts that a reader needs to compare results."""
    memory_gib = psutil.virtual_memory().total / (1 << 30)
    return {
        "processor": f"{_processor()}, {psutil.cpu_count()} cores",
        "memory": f"{memory_gib:.0f} GiB",
        "system": _system(),
        "python": platform.python_version(),
        "java": _java(),
    } | {name: version(name) for name in LIBRARIES}


def _processor() -> str:
    match = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return match[1] if match else platform.machine()


def _system() -> str:
    return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())


def _java() -> str:
    java = java_home(os.environ, Path(sys.prefix)) / "bin" / "java"
    done = subprocess.run([java, "-version"], capture_output=True, text=True, check=True)
    match = re.search(r'"([^"]+)"', done.stderr)
    return match[1] if match else "unknown"
