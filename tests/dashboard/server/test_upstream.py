"""The parts of other libraries that `server/upstream.py` uses without a promise are there, and used nowhere else."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from typing import Any

import engineio  # type: ignore[import-untyped]
import pytest
import simple_websocket  # type: ignore[import-untyped]
import socketio  # type: ignore[import-untyped]
from tests.dashboard.conftest import ROOT

from dashboard.server.upstream import PRIVATE_PARTS

PACKAGE = ROOT / "dashboard" / "dashboard"
INSTANCES: dict[str, Any] = {
    "engineio:Server": lambda: engineio.Server(async_mode="gevent"),
    "engineio.packet:Packet": engineio.packet.Packet,
    "engineio.socket:Socket": lambda: engineio.socket.Socket(engineio.Server(async_mode="gevent"), "a"),
    "socketio:Server": lambda: socketio.Server(async_mode="gevent"),
}
NAMES = [(place, name) for place, names in PRIVATE_PARTS.items() for name in names]


@pytest.mark.parametrize(("place", "name"), NAMES)
def test_each_part_is_in_the_installed_library(place: str, name: str) -> None:
    module, class_name = place.removesuffix("()").split(":")
    found = getattr(importlib.import_module(module), class_name)
    if not place.endswith("()"):
        assert hasattr(found, name)
    elif place.removesuffix("()") in INSTANCES:
        assert hasattr(INSTANCES[place.removesuffix("()")](), name)
    else:
        # An instance needs a connection.
        assert re.search(rf"self\.{name}\b", "".join(inspect.getsource(one) for one in found.__mro__[:-1]))


def test_their_signatures_are_those_that_are_overridden() -> None:
    def arguments(place: str, name: str) -> list[str]:
        module, class_name = place.split(":")
        return list(inspect.signature(getattr(getattr(importlib.import_module(module), class_name), name)).parameters)

    worker = "gunicorn.workers.ggevent:GeventWorker"
    assert arguments(worker, "handle") == ["self", "listener", "client", "addr"]
    assert arguments(worker, "handle_request") == ["self", "listener_name", "req", "sock", "addr"]
    assert arguments(worker, "handle_exit") == arguments(worker, "handle_quit") == ["self", "sig", "frame"]
    assert arguments("engineio:Server", "disconnect") == ["self", "sid"]
    assert {"wait", "abort"} <= set(arguments("engineio.socket:Socket", "close"))
    assert arguments("gevent.hub:Hub", "print_exception")[:2] == ["self", "context"]
    options = {"max_message_size", "thread_class", "event_class", "selector_class"}
    assert options <= set(inspect.signature(simple_websocket.Server).parameters)


def test_a_packet_has_room_for_its_encoded_form() -> None:
    packet = engineio.packet.Packet(engineio.packet.MESSAGE, "text")
    packet.encode_cache = "once for all"
    assert packet.encode() == "once for all"


def test_no_other_file_uses_them() -> None:
    private = {name for _, name in NAMES if name.startswith("_")} | {"encode_cache", "print_exception"}
    pattern = re.compile(rf"\.({'|'.join(sorted(private))})\b|\.eio\b|engineio\.(?:socket|async_drivers)")
    users = {path.name for path in PACKAGE.rglob("*.py") if pattern.search(path.read_text(encoding="utf-8"))}
    assert users == {"upstream.py"}


def test_gunicorn_may_load_the_worker_before_gevent_patches_ssl() -> None:
    command = "import dashboard.server.upstream; from gevent import monkey; monkey.patch_all()"
    run = subprocess.run([sys.executable, "-W", "error", "-c", command], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
