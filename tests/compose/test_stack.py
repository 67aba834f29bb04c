"""The deployment as it runs: what is seen of it from outside, and what becomes of it when parts of it die."""

import time
from pathlib import Path
from typing import Any

import pytest
from tests.compose.stack import SERVICES, ComposeStack, run

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


def test_nothing_listens_but_the_dashboard_on_this_machine_alone(stack: ComposeStack) -> None:
    published = [
        (one["Config"]["Labels"]["com.docker.compose.service"], place["HostIp"])
        for one in stack.containers()
        for places in one["NetworkSettings"]["Ports"].values()
        for place in places or []
    ]
    assert published == [("dashboard", "127.0.0.1")]


def test_only_ingest_and_the_published_page_are_on_a_network_with_a_way_out(stack: ComposeStack) -> None:
    (inside,) = run(
        "docker", "network", "inspect", "--format", "{{.Internal}}", f"{stack.project}_inside"
    ).stdout.split()
    assert inside == "true"
    networks = {
        one["Config"]["Labels"]["com.docker.compose.service"]: {
            name.removeprefix(f"{stack.project}_") for name in one["NetworkSettings"]["Networks"]
        }
        for one in stack.containers()
    }
    spark = {"inside"}
    assert networks == {
        "ingest": {"inside", "outside"},
        "spark-master": spark,
        "spark-worker": spark,
        "spark-job": spark,
        "dashboard": {"inside", "web"},
    }


def test_every_process_is_without_root_without_capabilities_and_bounded(stack: ComposeStack) -> None:
    for one in stack.containers():
        name, host = one["Name"], one["HostConfig"]
        assert host["ReadonlyRootfs"], name
        assert host["Memory"] > 0, name
        assert host["PidsLimit"] > 0, name
        top = run("docker", "top", one["Id"], "-eo", "pid").stdout.split()[1:]
        for pid in top:
            status = dict(
                line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line
            )
            assert set(status["Uid"].split()) == {"1001"}, name
            assert {status[kind] for kind in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {"0" * 16}, name
            assert status["NoNewPrivs"] == "1", name
        done = run(
            "docker", "exec", one["Id"], "sh", "-c", "touch /opt/hashtags/x 2>/dev/null && echo wrote || echo no"
        )
        assert done.stdout.strip() == "no", name


def test_no_secret_is_in_a_log_a_setting_a_command_line_or_a_layer(stack: ComposeStack) -> None:
    push = stack.run_in("dashboard", "cat", "/secrets/push/token")
    spark = stack.run_in("spark-master", "cat", "/secrets/spark/secret")
    assert len(push) == len(spark) == 64
    assert push != spark
    # Everybody who needs one has the same.
    assert stack.run_in("spark-job", "cat", "/secrets/push/token") == push
    assert {stack.run_in(name, "cat", "/secrets/spark/secret") for name in ("spark-worker", "spark-job")} == {spark}
    said = stack.compose("logs", "--no-color").stdout
    for one in stack.containers():
        said += str(one)
        said += run("docker", "top", one["Id"], "-eo", "pid,args").stdout
        said += run("docker", "history", "--no-trunc", one["Image"]).stdout
    assert push not in said
    assert spark not in said
    for name in ("ingest", "dashboard"):
        assert spark not in environments(stack, name)
    for name in ("ingest", "spark-master", "spark-worker"):
        assert push not in environments(stack, name)


def environments(stack: ComposeStack, service: str) -> str:
    """The environments of all processes of a service."""
    pids = run("docker", "top", stack.containers(service)[0]["Id"], "-eo", "pid").stdout.split()[1:]
    return "".join(Path(f"/proc/{pid}/environ").read_text(errors="replace") for pid in pids)


def test_two_workers_both_run_executors_of_the_job(stack: ComposeStack) -> None:
    workers = stack.containers("spark-worker")
    assert len(workers) == 2
    for worker in workers:
        commands = run("docker", "top", worker["Id"], "-eo", "pid,args").stdout
        assert "CoarseGrainedExecutorBackend" in commands, worker["Name"]


def test_a_worker_with_another_secret_can_not_join(stack: ComposeStack) -> None:
    script = (
        "cp /opt/hashtags/spark.conf /tmp/c && echo spark.authenticate.secret wrong >>/tmp/c && "
        'timeout 20 "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.worker.Worker --properties-file /tmp/c '
        "--work-dir /tmp/other --webui-port 0 spark://spark-master:7077 2>&1; true"
    )
    before = known_workers(stack)
    stack.run_in("spark-worker", "sh", "-c", script)
    assert known_workers(stack) == before


def known_workers(stack: ComposeStack) -> int:
    """How many workers the master has ever known."""
    count = "import json, urllib.request as u; print(len(json.load(u.urlopen('http://spark-master:8080/json/'))['workers']))"
    return int(stack.run_in("spark-master", "python", "-c", count))


@pytest.mark.parametrize("service", ["ingest", "spark-worker", "spark-master", "spark-job", "dashboard"])
def test_a_killed_container_comes_back_and_nothing_is_lost_or_counted_twice(stack: ComposeStack, service: str) -> None:
    before = stack.snapshot_where(counted_beyond(0), "counting")
    stack.kill(stack.containers(service)[0])
    offset = before["health"]["offset"] + 1000
    after = stack.snapshot_where(counted_beyond(offset), f"counting after {service} was killed")
    assert after["epoch"] == before["epoch"]
    assert after["health"]["lost"] == 0
    assert "differences: 0" in stack.audit()


def test_stop_is_quick_and_the_next_start_goes_on_exactly_there(stack: ComposeStack) -> None:
    before = stack.snapshot_where(counted_beyond(0), "counting")
    began = time.monotonic()
    stack.compose("stop")
    assert time.monotonic() - began < 10
    codes = {one["Name"]: one["State"]["ExitCode"] for one in stack.containers()}
    assert 137 not in codes.values(), codes
    stack.compose("down")
    stack.up("--scale", "spark-worker=2")
    after = stack.snapshot_where(counted_beyond(before["health"]["offset"] + 1000), "counting goes on")
    assert after["epoch"] == before["epoch"]
    assert after["total"]["since_ms"] == before["total"]["since_ms"]
    assert after["health"]["lost"] == 0
    assert "differences: 0" in stack.audit()
