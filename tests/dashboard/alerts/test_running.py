"""A running dashboard delivers: to webhooks that fail, to services by Apprise, through kills, and once of two."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import redis
from tests.dashboard.conftest import ROOT, TOKEN, Dashboard
from tests.dashboard.support.alerts import SENTENCE, alert, pushed, rules
from tests.dashboard.support.answers import metric, read
from tests.dashboard.support.webhook_receiver import SECRET, WebhookReceiver
from tests.processes import free_ports, wait_until

from dashboard.alerts.apprise_sender import AppriseSender
from dashboard.alerts.attempt import PRIVATE, Failure
from dashboard.alerts.claims import Claims
from dashboard.alerts.targets import AppriseTarget
from dashboard.log_throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

WHSEC = f"whsec_{base64.b64encode(SECRET).decode()}"
PATH = "/hook-s3cret"


@pytest.fixture
def receivers() -> Iterator[Callable[..., WebhookReceiver]]:
    running: list[WebhookReceiver] = []

    def start(*plan: Any) -> WebhookReceiver:
        running.append(WebhookReceiver(plan))
        return running[-1]

    yield start
    for receiver in running:
        receiver.close()
        assert receiver.problems == []


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Dashboard]]:
    """Starts a dashboard with these lines in its file of targets."""
    running: list[Dashboard] = []

    def start_(*lines: str, name: str = "one", **settings: str) -> Dashboard:
        (tmp_path / name).mkdir()
        file = tmp_path / name / "targets.txt"
        file.write_text("\n".join(lines) + "\n")
        running.append(Dashboard(tmp_path / name, TARGETS_FILE=str(file), **settings))
        return running[-1]

    yield start_
    for dashboard in running:
        if dashboard.process.poll() is None:
            dashboard.kill()


def line(receiver: WebhookReceiver) -> str:
    return f"webhook {receiver.url}{PATH} secret={WHSEC}"


def ids(*numbers: int) -> list[str]:
    return [pushed(number)["id"] for number in numbers]


def test_each_alert_reaches_a_receiver_that_fails_in_every_way_in_order_and_no_other_waits_for_it(
    start: Callable[..., Dashboard], receivers: Callable[..., WebhookReceiver]
) -> None:
    failing = receivers(500, 200, (429, {"Retry-After": "1"}), 200, "cut", 200, "cut after", 200, "nonsense", 200)
    slow, sound = receivers("slow"), receivers()
    dashboard = start("# Targets", line(failing), line(slow), line(sound))
    started = time.monotonic()
    answer = dashboard.push(
        {"WorldCup": 1}, alerts=[pushed(number) for number in range(1, 6)], alert_rules=rules(dropped=7)
    )
    assert time.monotonic() - started < 5
    assert answer["alerts_kept"] == ids(1, 2, 3, 4, 5)
    assert metric(dashboard, "alerts_dropped_total") == 7
    wait_until(lambda: sound.taken == ids(1, 2, 3, 4, 5), "the sound target has all", 30)
    # While a target does not answer, pushes do not wait for it.
    wait_until(slow.arrived.is_set, "the slow target has a request", 30)
    started = time.monotonic()
    dashboard.push({"WorldCup": 2})
    assert time.monotonic() - started < 5
    wait_until(lambda: set(failing.taken) == {*ids(1, 2, 3, 4, 5)}, "the failing target has all", 60)
    # Only the alert whose answer was cut off came twice, and it came with the same id.
    assert Counter(failing.taken) == {**dict.fromkeys(ids(1, 2, 3, 5), 1), ids(4)[0]: 2}
    assert [*dict.fromkeys(failing.taken)] == ids(1, 2, 3, 4, 5)
    by_event: dict[str, set[str]] = {}
    for _, id_, event in failing.requests:
        by_event.setdefault(event["id"], set()).add(id_)
    assert [len(found) for found in by_event.values()] == [1] * 5
    assert failing.requests[0][2]["data"]["text"]["en"] == SENTENCE
    wait_until(lambda: slow.taken == ids(1, 2, 3, 4, 5), "the slow target has all", 60)
    assert metric(dashboard, "alerts_fired_total") == 5
    # A target has an alert a moment before the dashboard knows it.
    wait_until(lambda: metric(dashboard, "alert_deliveries_waiting") == 0, "nothing waits", 30)
    assert metric(dashboard, 'alert_deliveries_total{result="delivered"}') == 15
    assert metric(dashboard, "alert_oldest_waiting_seconds") == 0
    assert "did not take an alert" in dashboard.stderr
    shown = dashboard.stderr + "".join(
        read(dashboard, path)
        for path in ("/metrics", "/healthz", "/readyz", "/api/alerts", "/api/snapshot", "/feed.atom")
    )
    for secret in ("s3cret", WHSEC, str(failing.server_port), str(slow.server_port), str(sound.server_port)):
        assert secret not in shown
    stored = b"".join(path.read_bytes() for path in (dashboard.folder / "history").iterdir())
    assert b"s3cret" not in stored


def test_no_kill_loses_an_alert_that_is_acknowledged(
    start: Callable[..., Dashboard], receivers: Callable[..., WebhookReceiver]
) -> None:
    receiver = receivers(*(503 for _ in range(3)))
    dashboard = start(line(receiver))
    for number in range(1, 9):
        # The job sends each alert until it is acknowledged, here once more than needed.
        alerts = [pushed(max(1, number - 1)), pushed(number)]
        assert dashboard.push({"WorldCup": number}, alerts=alerts)["alerts_kept"] == [one["id"] for one in alerts]
        if number % 3 == 0:
            dashboard.kill()
            dashboard.start()
    wait_until(lambda: {*ids(*range(1, 9))} <= {*receiver.taken}, "all arrive", 60)
    assert [*dict.fromkeys(receiver.taken)] == ids(*range(1, 9))
    assert metric(dashboard, "alert_targets") == 1


class Service(ThreadingHTTPServer):
    """A stand-in for a service that Apprise posts JSON to. The first `failures` notifications are refused."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.taken: list[dict[str, Any]] = []
        super().__init__(("127.0.0.1", 0), _Notified)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


class _Notified(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        service = self.server
        service.failures -= 1
        is_refused = service.failures >= 0
        if not is_refused:
            service.taken.append(body)
        self.send_response(500 if is_refused else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    running = Service(failures=1)
    yield running
    running.shutdown()
    running.server_close()


def test_apprise_sends_the_sentence_and_the_link_to_a_service(
    start: Callable[..., Dashboard], service: Service, receivers: Callable[..., WebhookReceiver]
) -> None:
    beside = receivers()
    address = f"json://user:s3cret@127.0.0.1:{service.server_port}/alerts lang=es"
    dashboard = start(address, line(beside), PUBLIC_URL="https://trends.example.org")
    dashboard.push({"WorldCup": 1}, alerts=[pushed(1), pushed(2)])
    # Apprise is a process of its own for each attempt, and takes seconds to start on a busy machine.
    wait_until(lambda: len(service.taken) == 2, "the service has both", 90)
    title, message = service.taken[0]["title"], service.taken[0]["message"]
    assert title == "World Cup"
    assert message == (
        "#WorldCup entró en el top 3 a las 14:02 UTC: 310 publicaciones en 5 minutos, 12 veces lo habitual, de 241 "
        f"personas.\nhttps://trends.example.org/?at={pushed()['at_ms']}#/tag/worldcup"
    )
    wait_until(lambda: beside.taken == ids(1, 2), "the target beside it has both", 30)
    assert "the target of line 1 did not take an alert" in dashboard.stderr
    assert "the service did not take it" in dashboard.stderr
    assert "s3cret" not in dashboard.stderr


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            "webhook s3cret\n",
            "line 1 must have an address that begins with https:// or http://, and no user or password",
        ),
        ("\nnosuchservice://s3cret\n", "Apprise does not know that of line 2"),
        (
            "json://127.0.0.1\ntgram://123456789:abcdefg_s3cretop/1234/5678/\n",
            "line 2 must have one recipient; write each on a line of its own",
        ),
        ("", "is empty; a comment is enough to have no targets"),
        (None, "can't be read: No such file or directory"),
    ],
)
def test_a_file_that_can_not_be_used_ends_the_start_with_one_sentence(
    tmp_path: Path, content: str | None, sentence: str
) -> None:
    file = tmp_path / "targets.txt"
    if content is not None:
        file.write_text(content)
    environment = {
        "PATH": "/usr/bin",
        "PYTHONPATH": str(ROOT / "dashboard"),
        "PUSH_TOKEN": TOKEN,
        "DATA_DIR": str(tmp_path),
        "DASHBOARD_PORT": "0",
        "TARGETS_FILE": str(file),
    }
    ended = subprocess.run(
        [sys.executable, "-m", "dashboard"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 2
    assert "TARGETS_FILE must be a file of targets: " in ended.stderr
    assert ended.stderr.rstrip().endswith(sentence)
    assert "s3cret" not in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_target_that_is_added_while_it_runs_gets_the_next_alert(
    start: Callable[..., Dashboard], receivers: Callable[..., WebhookReceiver]
) -> None:
    first, second = receivers(), receivers()
    dashboard = start(line(first))
    dashboard.push({"WorldCup": 1}, alerts=[pushed(1)])
    wait_until(lambda: first.taken == ids(1), "the first target has it", 30)
    file = dashboard.folder / "targets.txt"
    file.write_text(f"webhook {PATH}\n")
    # While the file is written, the dashboard may find it empty, which is another error.
    wrong = "TARGETS_FILE can't be used: line 1 must "
    wait_until(
        lambda: (json.loads(read(dashboard, "/healthz"))["targets"] or "").startswith(wrong), "it can't be used", 30
    )
    assert metric(dashboard, "alert_targets_error") == 1
    file.write_text("tgram://123456789:abcdefg_hijklmnop/1234/5678/\n")
    several = "TARGETS_FILE can't be used: line 1 must have one recipient; write each on a line of its own"
    wait_until(lambda: json.loads(read(dashboard, "/healthz"))["targets"] == several, "Apprise is asked too", 60)
    file.write_text(f"{line(second)}\n{line(first)}\n")
    wait_until(lambda: metric(dashboard, "alert_targets") == 2, "there are two", 30)
    dashboard.push({"WorldCup": 2}, alerts=[pushed(2)])
    wait_until(lambda: second.taken == ids(2) and first.taken == ids(1, 2), "both have it", 30)
    assert json.loads(read(dashboard, "/healthz"))["targets"] is None


@pytest.fixture
def redis_port(tmp_path: Path) -> Iterator[int]:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    (port,) = free_ports(1)
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert any("Ready to accept connections" in said for said in process.stdout)
    yield port
    process.kill()
    process.communicate()


def test_of_two_dashboards_over_redis_one_claims_the_silence_until_the_time_is_over(redis_port: int) -> None:
    url = f"redis://127.0.0.1:{redis_port}/0"
    one, two = (Claims(url, partial(str, name), Throttle(lambda: 0)) for name in ("one", "two"))
    assert [one.take_silence("r", 60), two.take_silence("r", 60), one.take_silence("r", 60)] == [True, False, True]
    assert two.take_silence("other", 60)
    assert two.take("an alert")
    assert not one.take("an alert")
    with redis.Redis.from_url(url) as server:
        times = sorted(server.ttl(key) for key in server.scan_iter())
    assert [seconds - seconds % 60 for seconds in times[:2]] in ([60, 60], [0, 60], [0, 0])
    assert times[2] > 172_000


def test_a_service_that_a_name_leads_to_in_a_private_network_needs_the_word_private(
    service: Service, tmp_path: Path
) -> None:
    service.failures = 0
    url = f"json://localhost:{service.server_port}/alerts"
    sender = AppriseSender("", {})
    assert sender.send(AppriseTarget("line 1", "id", url), alert()) == Failure(PRIVATE)
    assert service.taken == []
    assert sender.send(AppriseTarget("line 1", "id", url, allows_private=True), alert()) is None
    assert sender.send(AppriseTarget("line 1", "id", url.replace("localhost", "127.0.0.1")), alert()) is None
    assert len(service.taken) == 2


def test_of_two_dashboards_over_redis_one_delivers_and_both_show_the_alert(
    start: Callable[..., Dashboard], receivers: Callable[..., WebhookReceiver], redis_port: int
) -> None:
    receiver = receivers()
    queue = f"redis://127.0.0.1:{redis_port}/0"
    both = [start(line(receiver), name=name, MESSAGE_QUEUE=queue) for name in ("one", "two")]
    numbers = iter(range(1, 1000))

    def push(dashboard: Dashboard, **changes: Any) -> None:
        number = next(numbers)
        dashboard.push({"WorldCup": number}, epoch=10**12 + number, **changes)

    def shown(dashboard: Dashboard) -> list[str]:
        return [alert["id"] for alert in json.loads(read(dashboard, "/api/alerts"))["alerts"]]

    def listens(sender: Dashboard, other: Dashboard) -> bool:
        push(sender)
        return metric(other, 'pushes_total{reason="",result="accepted"}') > 0

    # A process that has just started may not listen yet.
    wait_until(lambda: listens(both[0], both[1]), "the second one listens", 30)
    wait_until(lambda: listens(both[1], both[0]), "the first one listens", 30)
    push(both[0], alerts=[pushed(1)])
    push(both[1], alerts=[pushed(2)])
    # The answer to a push was lost, and the proxy led the next try to the other dashboard.
    push(both[0], alerts=[pushed(3)])
    push(both[1], alerts=[pushed(3)])
    wait_until(lambda: {*receiver.taken} == {*ids(1, 2, 3)}, "all are delivered", 30)
    for dashboard in both:
        wait_until(lambda one=dashboard: {*shown(one)} == {*ids(1, 2, 3)}, "both show all", 30)  # type: ignore[misc]
        wait_until(lambda one=dashboard: metric(one, "alert_deliveries_waiting") == 0, "nothing waits", 30)  # type: ignore[misc]
    assert Counter(receiver.taken) == dict.fromkeys(ids(1, 2, 3), 1)
    delivered = [metric(each, 'alert_deliveries_total{result="delivered"}') for each in both]
    assert sum(delivered) == 3
