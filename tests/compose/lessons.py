"""The profile `class` beside a running stack: JupyterLab in a container."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from tests.compose.stack import ComposeStack
from tests.processes import free_ports

# The three lines of the first notebook, at the address that the notebook has, and the log at its own.
LINES = """
import hashtags, socket
stream = hashtags.attach("http://localhost:8000")
print(len(stream.top), len(list(stream.follow(count=2))))
log = socket.create_connection(("localhost", 9009), 5)
log.sendall(b"STATUS\\n")
print("watermark_ms" in log.makefile().readline())
"""
REACH_SPARK = """
import socket
for host, port in (("spark-master", 7077), ("spark-job", 9020)):
    try:
        socket.create_connection((host, port), 2)
        print(host)
    except OSError:
        pass
"""


@contextmanager
def lessons(stack: ComposeStack) -> Iterator[str]:
    """The service beside the running stack; yields its address."""
    (port,) = free_ports(1)
    stack.settings |= {"NOTEBOOK_PORT": str(port), "COMPOSE_PROFILES": "class"}
    try:
        stack.compose(
            "up", "--wait", "--wait-timeout", "120", "--no-build", "--no-recreate", "class", timeout_seconds=180
        )
        yield f"http://127.0.0.1:{port}"
    finally:
        stack.compose("rm", "--force", "--stop", "--volumes", "class")
        del stack.settings["COMPOSE_PROFILES"]


def status(address: str, token: str = "") -> int:
    request = urllib.request.Request(f"{address}/api/contents/en/1-watch.ipynb")
    if token:
        request.add_header("Authorization", f"token {token}")
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            assert json.load(response)["name"] == "1-watch.ipynb"
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
