"""What is seen of a container from outside: its processes in the kernel's eyes, and what it says over the network."""

import base64
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.compose.engine import TAG, run
from tests.compose.stack import ComposeStack

LISTEN_SECONDS = 30
ENOUGH_BYTES = 50_000


def pids(container: dict[str, Any]) -> list[str]:
    """The processes of a container, by their numbers on this machine."""
    return run("docker", "top", container["Id"], "-eo", "pid").split()[1:]


def proc_files(container: dict[str, Any], name: str) -> Iterator[str]:
    """This file of `/proc` of each process. The process of a health check may have ended meanwhile."""
    for pid in pids(container):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            yield Path(f"/proc/{pid}/{name}").read_text(errors="replace")


def statuses(container: dict[str, Any]) -> Iterator[dict[str, str]]:
    """What `/proc/…/status` has of each process."""
    for text in proc_files(container, "status"):
        yield dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def environments(container: dict[str, Any]) -> str:
    """The environments of all processes."""
    found = "".join(proc_files(container, "environ"))
    assert found, "the first process of a container stays"
    return found


def commands(container: dict[str, Any]) -> str:
    """The command lines of all processes."""
    return run("docker", "top", container["Id"], "-eo", "pid,args")


def check_confinement(container: dict[str, Any], uid: str = "1001") -> None:
    """Fail unless it is without root, without capabilities, read-only and bounded."""
    name, host = container["Name"], container["HostConfig"]
    assert host["ReadonlyRootfs"], name
    assert host["Memory"] > 0, name
    assert host["PidsLimit"] > 0, name
    assert not host["Privileged"], name
    for status in statuses(container):
        assert set(status["Uid"].split()) == {uid}, name
        assert {status[kind] for kind in ("CapInh", "CapEff", "CapPrm", "CapBnd", "CapAmb")} == {"0" * 16}, name
        assert status["NoNewPrivs"] == "1", name
        assert status["Seccomp"] == "2", name
    mounts = Path(f"/proc/{container['State']['Pid']}/mounts").read_text().splitlines()
    (options,) = [line.split()[3] for line in mounts if line.split()[1] == "/"]
    assert "ro" in options.split(","), name


def listen_in(stack: ComposeStack, service: str, *peers: str) -> dict[str, bytes]:
    """What a container of `service` and each of `peers` said to each other for a while, as it went over the network."""
    addresses = {peer: stack.address_of(peer) for peer in peers}
    network = f"container:{stack.containers(service)[0]['Id']}"
    said = run(
        *("docker", "run", "--rm", "--interactive", "--network", network),
        *("--user", "0", "--cap-drop", "ALL", "--cap-add", "NET_RAW", f"hashtags-live/ingest:{TAG}"),
        *("python", "-IS", "-", str(LISTEN_SECONDS), str(ENOUGH_BYTES), *addresses.values()),
        stdin=Path(__file__).with_name("listener.py").read_text(),
    )
    heard = json.loads(said)
    return {peer: base64.b64decode(heard[address]) for peer, address in addresses.items()}
