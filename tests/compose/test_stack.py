"""The deployment as it runs: what is seen of it from outside, and what becomes of it when parts of it die."""

import json
import re
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.compose.engine import run
from tests.compose.lessons import LINES, REACH_SPARK, lessons, status
from tests.compose.outside import check_confinement, commands, environments, listen_in
from tests.compose.stack import SERVICES, ComposeStack
from tests.processes import wait_until

# The first test builds the images.
pytestmark = pytest.mark.timeout(1200)


def counted_beyond(offset: int) -> Any:
    return lambda snapshot: snapshot["health"]["offset"] > offset and snapshot["health"]["lag_ms"] < 5000


def test_up_wait_returns_when_posts_flow(stack: ComposeStack) -> None:
    snapshot = stack.snapshot()
    assert snapshot is not None
    assert snapshot["health"]["offset"] > 0
    assert snapshot["window"]["top"]
    assert {one["Config"]["Labels"]["com.docker.compose.service"] for one in stack.containers()} == SERVICES
    assert {one["State"]["Health"]["Status"] for one in stack.containers()} == {"healthy"}
    assert set(stack.restarts().values()) == {0}


def test_nothing_listens_but_the_dashboard_on_this_machine_alone(stack: ComposeStack) -> None:
    published = [
        (one["Config"]["Labels"]["com.docker.compose.service"], place["HostIp"], place["HostPort"])
        for one in stack.containers()
        for places in one["NetworkSettings"]["Ports"].values()
        for place in places or []
    ]
    port = stack.address.rpartition(":")[2]
    assert published == [("dashboard", "127.0.0.1", port)]
    # Under another address of this machine there is nobody.
    (another,) = run(
        "docker", "network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", f"{stack.project}_web"
    ).split()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((another, int(port)), 5).close()


def test_only_ingest_and_the_published_page_are_on_a_network_with_a_way_out(stack: ComposeStack) -> None:
    (inside,) = run("docker", "network", "inspect", "--format", "{{.Internal}}", f"{stack.project}_inside").split()
    assert inside == "true"
    networks = {
        one["Config"]["Labels"]["com.docker.compose.service"]: {
            name.removeprefix(f"{stack.project}_") for name in one["NetworkSettings"]["Networks"]
        }
        for one in stack.containers()
    }
    spark = {"inside"}
    assert networks == {
        "ingest": {"inside", "outside", "readers"},
        "spark-master": spark,
        "spark-worker": spark,
        "spark-job": {"inside", "push"},
        "dashboard": {"push", "web"},
    }


REACH = """
import socket
places = {"ingest": (9009, 9010), "spark-master": (7077, 8080), "spark-worker": (8081,)}
for host, port in ((host, port) for host, ports in places.items() for port in ports):
    try:
        socket.create_connection((host, port), 2)
        print(host, port)
    except OSError:
        pass
"""


def test_the_dashboard_which_strangers_reach_reaches_neither_posts_nor_spark(stack: ComposeStack) -> None:
    assert stack.run_in("dashboard", "python", "-c", REACH) == ""


def test_nobody_acknowledges_posts_without_the_secret(stack: ComposeStack) -> None:
    ask = (
        "import socket; s = socket.create_connection(('ingest', 9009), 5); "
        "s.sendall(b'{}\\n'); print(s.makefile().readline())"
    )
    log = json.loads(stack.run_in("spark-worker", "python", "-c", ask.format("STATUS")))["log"]
    said = stack.run_in("spark-worker", "python", "-c", ask.format(f"ACK {log} 1"))
    assert json.loads(said) == {
        "error": "ACK needs a proof by PUSH_TOKEN, which must be the same for ingest and the job"
    }


def test_every_process_is_without_root_without_capabilities_and_bounded(stack: ComposeStack) -> None:
    for one in stack.containers():
        check_confinement(one)


def test_no_secret_is_in_a_log_a_setting_a_command_line_or_a_layer(stack: ComposeStack) -> None:
    push = stack.run_in("dashboard", "cat", "/secrets/push/token")
    spark = stack.run_in("spark-master", "cat", "/secrets/spark/secret")
    assert len(push) == len(spark) == 64
    assert push != spark
    # Everybody who needs one has the same.
    assert {stack.run_in(name, "cat", "/secrets/push/token") for name in ("spark-job", "ingest")} == {push}
    assert {stack.run_in(name, "cat", "/secrets/spark/secret") for name in ("spark-worker", "spark-job")} == {spark}
    said = stack.compose("logs", "--no-color")
    for one in stack.containers():
        said += json.dumps(one) + commands(one) + run("docker", "history", "--no-trunc", one["Image"])
        name = one["Config"]["Labels"]["com.docker.compose.service"]
        # The processes of the job, the dashboard and ingest have the token; Spark reads its secret from a file.
        assert (push in environments(one)) == (name in {"spark-job", "dashboard", "ingest"})
        assert spark not in environments(one) or name.startswith("spark-")
    assert push not in said
    assert spark not in said


def test_java_starts_from_the_class_archive_that_the_build_made(stack: ComposeStack) -> None:
    archive = "/opt/hashtags/venv/spark-classes.jsa"
    stack.run_in("spark-job", "test", "-s", archive)
    assert f"-XX:SharedArchiveFile={archive}" in commands(stack.containers("spark-job")[0])


def test_the_job_may_write_the_archive_where_the_docs_say(stack: ComposeStack) -> None:
    stack.run_in("spark-job", "sh", "-c", "mkdir /data/archive && touch /data/archive/a && rm -r /data/archive")


def test_two_workers_both_run_executors_of_the_job(stack: ComposeStack) -> None:
    workers = stack.containers("spark-worker")
    assert len(workers) == 2
    for worker in workers:
        assert "CoarseGrainedExecutorBackend" in commands(worker), worker["Name"]


def test_what_job_and_worker_say_to_each_other_can_not_be_read(stack: ComposeStack) -> None:
    heard = listen_in(stack, "spark-worker", "ingest", "spark-job")
    # This listener can read what is not encrypted, such as the columns of posts.
    assert re.search(rb"READ \d+ \d+ columns\n", heard["ingest"])
    leader = stack.snapshot_where(lambda snapshot: snapshot["window"]["top"], "a leader")["window"]["top"][0]
    assert leader["key"].encode() in heard["ingest"]
    said = heard["spark-job"]
    assert len(said) > 10_000
    for word in (b"org.apache.spark", b"java.", b"spark_job"):
        assert word not in said
    # What is encrypted can't be packed.
    assert len(zlib.compress(said)) > len(said) * 0.98


def test_a_class_has_notebooks_beside_the_stream_and_nobody_else_has_them(stack: ComposeStack) -> None:
    with lessons(stack) as address:
        (container,) = stack.containers("class")
        check_confinement(container)
        (token,) = set(re.findall(r"1-watch\.ipynb\?token=(\S+)", stack.compose("logs", "--no-color", "class")))
        assert (status(address), status(address, "a-guess"), status(address, token)) == (403, 403, 200)
        assert stack.run_in("class", "python", "-c", LINES).split() == ["10", "2", "True"]
        assert stack.run_in("class", "python", "-c", REACH_SPARK) == ""
        assert "pyspark" in stack.run_in("class", "python", "-c", "import pyspark; print(pyspark.__name__)")


def test_only_a_worker_with_the_secret_can_join(stack: ComposeStack) -> None:
    with (
        another_worker(stack, "stranger", "/secrets/spark") as stranger_said,
        another_worker(stack, "friend", f"{stack.project}_spark-secret:/secrets/spark") as friend_said,
    ):
        wait_until(lambda: "Successfully registered with master" in friend_said(), "a registration", 60)
        wait_until(lambda: "Authentication failed" in stranger_said(), "a refusal", 60)
        assert "Successfully registered" not in stranger_said()


@contextmanager
def another_worker(stack: ComposeStack, name: str, volume: str) -> Iterator[Callable[[], str]]:
    """A container of the worker's service with this volume, too small for an executor; what its log has.

    In a volume without a name it makes a secret of its own. Without the Java options of the service Spark logs all.
    """
    name = f"{stack.project}-{name}"
    settings = ("--env", "SPARK_WORKER_MEMORY=100m", "--env", "SPARK_DAEMON_JAVA_OPTS=")
    stack.compose("run", "--detach", "--no-deps", "--name", name, *settings, "--volume", volume, "spark-worker")
    try:
        yield lambda: run("sh", "-c", f"docker logs {name} 2>&1")
    finally:
        run("docker", "rm", "--force", "--volumes", name)


@pytest.mark.parametrize("service", ["ingest", "spark-worker", "spark-master", "spark-job", "dashboard"])
def test_a_killed_container_comes_back_and_nothing_is_lost_or_counted_twice(stack: ComposeStack, service: str) -> None:
    before = stack.snapshot_where(counted_beyond(0), "counting")
    stack.kill(stack.containers(service)[0])
    offset = before["health"]["offset"] + 1000
    after = stack.snapshot_where(counted_beyond(offset), f"counting after {service} was killed")
    assert after["epoch"] == before["epoch"]
    assert after["health"]["lost"] == 0
    assert "differences: 0" in stack.audit()


def test_stop_is_quick_and_a_start_in_the_wrong_order_goes_on_exactly_there(
    stack: ComposeStack, figures: list[str]
) -> None:
    before = stack.snapshot_where(counted_beyond(0), "counting")
    began = time.monotonic()
    stack.compose("stop")
    seconds = time.monotonic() - began
    figures.append(f"stop: {seconds:.1f} s")
    assert seconds < 10
    codes = {one["Name"]: one["State"]["ExitCode"] for one in stack.containers()}
    assert 137 not in codes.values(), codes
    stack.compose("down")
    for service in ("spark-job", "spark-worker", "dashboard", "spark-master", "ingest"):
        stack.compose("up", "--detach", "--no-deps", "--no-build", service)
    after = stack.snapshot_where(counted_beyond(before["health"]["offset"] + 1000), "counting goes on")
    assert after["epoch"] == before["epoch"]
    assert after["total"]["since_ms"] == before["total"]["since_ms"]
    assert after["health"]["lost"] == 0
    assert "differences: 0" in stack.audit()
