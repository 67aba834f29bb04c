"""Report when the page shows bars, and what is missing until then. For `make run`."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

TIMEOUT_SECONDS = 4.0
LOOK_SECONDS = 0.25
#: A start takes about ten seconds. After this time, what is missing is printed, and again whenever it changes.
PATIENCE_SECONDS = 30.0

Snapshot = dict[str, Any]
# Never use a proxy for loopback, whatever the environment says.
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


class NoAnswerError(Exception):
    """The dashboard does not answer."""


def newest_snapshot(address: str) -> Snapshot | None:
    """The newest snapshot of the dashboard at `address`; `None` before the first. Raises `NoAnswerError`."""
    try:
        with _open(f"{address}/api/snapshot", timeout=TIMEOUT_SECONDS) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == http.HTTPStatus.NOT_FOUND:
            return None
        raise NoAnswerError from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswerError from error


def missing(snapshot: Snapshot | None) -> str | None:
    """One sentence that says why there are no bars; `None` if there are bars."""
    if snapshot is None:
        return "the Spark job has sent no snapshot yet"
    if snapshot["total"]["posts"]:
        return None
    health = snapshot["health"]
    if health["query_error"] is not None:
        return f"Spark's query has ended: {health['query_error']}"
    if not health["ingest"]["reachable"]:
        return f"the Spark job can't reach ingest: {health['ingest']['error']}"
    if health["lag_posts"]:
        return "posts have arrived, and Spark has not counted any of them yet"
    status = health["ingest"]["status"] or {"sources": []}
    sources = "; ".join(map(_source, status["sources"])) or "ingest has not reported its sources yet"
    return f"no post has arrived yet ({sources})"


def _source(source: dict[str, Any]) -> str:
    """A source's name, its state, and why it has no posts."""
    dropped = f", {source['filtered']} filtered out" if source["filtered"] else ""
    dropped += f", {source['malformed']} unreadable" if source["malformed"] else ""
    why = f": {source['error']}" if source["error"] else ""
    return f"{source['name']} is {source['state']}{why}{dropped}"


def tell_when_ready(
    look: Callable[[], Snapshot | None],
    say: Callable[[str], None],
    address: str,
    monotonic: Callable[[], float],
    wait: Callable[[float], bool],
) -> None:
    """Report once that the page at `address` shows bars; until then, report what is missing.

    `look` returns the newest snapshot. `wait` waits for a number of seconds, and returns true when the run has ended.
    """
    start, said = monotonic(), None
    while True:
        try:
            lack = missing(look())
        except NoAnswerError:
            lack = "the dashboard does not answer"
        seconds = monotonic() - start
        if lack is None:
            say(f"Ready after {seconds:.0f} s: {address}")
            return
        if seconds >= PATIENCE_SECONDS and lack != said:
            said = lack
            say(f"Not ready after {seconds:.0f} s: {lack}")
        if wait(LOOK_SECONDS):
            return
