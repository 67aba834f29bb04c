"""The part of the API of Kubernetes that Spark needs for executors. Each pod becomes a process of the entry point."""

import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).resolve().parents[3]
ENTRY_POINT = ROOT / "spark-job" / "entrypoint.sh"
#: What the API server reads from the pod itself.
FIELDS = {"status.podIP": "127.0.0.1"}
#: What the API calls a list of each kind.
LISTS = {"pods": "PodList", "configmaps": "ConfigMapList"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    fake: "FakeKubernetes"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        if "watch" in parse_qs(place.query):
            self._watch()
            return
        self._object(*self.server.fake.get(place.path))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._object(*self.server.fake.create(urlsplit(self.path).path, body))

    def do_DELETE(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._object(*self.server.fake.delete(urlsplit(self.path).path))

    def _watch(self) -> None:
        """Answer a stream of changes that has none: Spark lists the pods instead.

        A request for a websocket is refused, and the client closes its connection. It must not use it for another
        request meanwhile, such as one for a pod.
        """
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        if self.headers.get("Upgrade") is None:
            self.server.fake.ended.wait()

    def _object(self, status: int, found: dict[str, Any]) -> None:
        self._answer(status, json.dumps(found).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


class FakeKubernetes:
    """`pods` and `configmaps` by name. `environment` is that of the image in which an executor runs."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.objects: dict[str, dict[str, dict[str, Any]]] = {"pods": {}, "configmaps": {}}
        self.requests: list[str] = []
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._folder, self._environment = folder, environment
        self._lock = threading.Lock()
        #: Set when it is not needed any more.
        self.ended = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def add_driver(self, name: str) -> None:
        """The pod of the driver, to which the executors belong."""
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "uid": "of-the-driver"}, "spec": {}}
        self.objects["pods"][name] = pod | {"status": {"phase": "Running"}}

    def executors(self) -> list[dict[str, Any]]:
        """The pods that Spark has made."""
        with self._lock:
            return [pod for pod in self.objects["pods"].values() if "spark-role" in pod["metadata"].get("labels", {})]

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        kind, name = self._kind_and_name(path)
        with self._lock:
            found = self.objects.get(kind, {})
            if name is None:
                # Selectors are not needed: only executors have labels.
                items = [each for each in found.values() if each["metadata"].get("labels")]
                return 200, {
                    "apiVersion": "v1",
                    "kind": LISTS[kind],
                    "metadata": {"resourceVersion": "1"},
                    "items": items,
                }
            return (200, found[name]) if name in found else self._unknown(path)

    def create(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        kind, _ = self._kind_and_name(path)
        name = body["metadata"]["name"]
        body["metadata"] |= {"uid": f"of-{name}", "creationTimestamp": "2026-11-30T00:00:00Z", "resourceVersion": "1"}
        with self._lock:
            self.objects.setdefault(kind, {})[name] = body
            self.requests.append(f"create {kind}")
            if kind == "pods":
                body["status"] = {"phase": "Running", "podIP": "127.0.0.1"}
                self.processes[name] = self._start(body)
        return 201, body

    def delete(self, path: str) -> tuple[int, dict[str, Any]]:
        kind, name = self._kind_and_name(path)
        with self._lock:
            names = [name] if name is not None else [*self.objects.get(kind, {})]
            for each in names:
                self.objects.get(kind, {}).pop(each, None)
                if kind == "pods" and each in self.processes:
                    self.processes[each].terminate()
            self.requests.append(f"delete {kind}")
        return 200, {"apiVersion": "v1", "kind": "Status", "status": "Success"}

    def _start(self, pod: dict[str, Any]) -> subprocess.Popen[bytes]:
        """Run the container of a pod as a process."""
        (container,) = pod["spec"]["containers"]
        given = {each["name"]: self._value(pod, each) for each in container["env"]}
        folder = self._folder / pod["metadata"]["name"]
        folder.mkdir(parents=True)
        given |= {"SPARK_LOCAL_DIRS": str(folder), "SPARK_CONF_DIR": str(folder), "TMPDIR": str(folder)}
        with (folder / "said.txt").open("wb") as said:
            return subprocess.Popen(
                ["sh", ENTRY_POINT, *container["args"]],
                env=given | self._environment,
                stdout=said,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )

    def said(self) -> str:
        """What all executors said."""
        return "\n".join(path.read_text(errors="replace") for path in self._folder.glob("*/said.txt"))

    @staticmethod
    def _value(pod: dict[str, Any], variable: dict[str, Any]) -> str:
        if "valueFrom" not in variable:
            return str(variable.get("value", ""))
        path = variable["valueFrom"]["fieldRef"]["fieldPath"]
        return FIELDS.get(path) or str(pod["metadata"]["name"])

    @staticmethod
    def _kind_and_name(path: str) -> tuple[str, str | None]:
        # /api/v1/namespaces/<namespace>/<kind>[/<name>]
        words = path.split("/")
        return (words[5] if len(words) > 5 else path, words[6] if len(words) > 6 else None)

    @staticmethod
    def _unknown(path: str) -> tuple[int, dict[str, Any]]:
        return 404, {"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": 404, "message": f"no {path}"}

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
            process.wait()


def inherited() -> dict[str, str]:
    """The variables of this process that any program needs."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
