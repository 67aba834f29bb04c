"""The health checks of docker-compose.yml: `health.py ingest|dashboard|spark-master|spark-worker|spark-job|class`.

Exit code 0, or 1 and one sentence, which `docker inspect` shows. Runs in the container, with the standard library only.
"""

import http.client
import json
import os
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

TIMEOUT_SECONDS = 4.0
MASTER_URL = "http://spark-master:8080/json/"


class UnwellError(Exception):
    """The service is unhealthy. The message is one sentence that says why."""


def fetch(url: str) -> Any:
    """The JSON at `url`."""
    # Not through a proxy: a Docker Engine may give its own proxy settings to each container.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(url, timeout=TIMEOUT_SECONDS) as answer:
        return json.load(answer)


def ingest() -> None:
    """Check that ingest answers STATUS. A refused source is no failure, because a restart would not help."""
    with socket.create_connection(("127.0.0.1", 9009), TIMEOUT_SECONDS) as connection:
        connection.sendall(b"STATUS\n")
        status = json.loads(connection.makefile("rb").readline())
    if "log" not in status:
        raise UnwellError(f"STATUS is answered with {status}")


def dashboard() -> None:
    """Check that the dashboard serves."""
    fetch("http://127.0.0.1:8000/healthz")


def spark_master() -> None:
    """Check that the master is alive, and not recovering."""
    status = fetch(MASTER_URL)["status"]
    if status != "ALIVE":
        raise UnwellError(f"the master is {status}")


def spark_worker() -> None:
    """Check that the master knows this worker."""
    here = socket.gethostbyname(socket.gethostname())
    states = [worker["state"] for worker in fetch(MASTER_URL)["workers"] if worker["host"] == here]
    if "ALIVE" not in states:
        raise UnwellError(f"to the master, the worker on {here} is {', '.join(states) or 'unknown'}")


def ready(dashboard_url: str) -> None:
    """Check that a snapshot arrived recently, by the dashboard's clock: the clock of the job's machine may be wrong."""
    try:
        fetch(dashboard_url + "/readyz")
    except urllib.error.HTTPError as error:
        with error:
            raise UnwellError(json.load(error)["error"]) from error


def spark_job() -> None:
    """Check that snapshots arrive, that the query runs, and that posts are counted if there are any."""
    dashboard_url = os.environ["DASHBOARD_URL"]
    ready(dashboard_url)
    snapshot = fetch(dashboard_url + "/api/snapshot")
    health = snapshot["health"]
    if health["query_error"] is not None:
        raise UnwellError(f"the query ended: {health['query_error']}")
    if not health["ingest"]["reachable"]:
        raise UnwellError(f"ingest can't be reached: {health['ingest']['error']}")
    if snapshot["batch"] is None and health["lag_posts"]:
        raise UnwellError("posts are waiting, and none of them has been counted yet")


def lessons() -> None:
    """Check that JupyterLab answers. This address needs no token."""
    fetch("http://127.0.0.1:8888/api")


CHECKS: dict[str, Callable[[], None]] = {
    "ingest": ingest,
    "dashboard": dashboard,
    "spark-master": spark_master,
    "spark-worker": spark_worker,
    "spark-job": spark_job,
    "class": lessons,
}


def main(name: str) -> int:
    """Check the service of that name."""
    try:
        CHECKS[name]()
    except (UnwellError, OSError, http.client.HTTPException, ValueError) as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
