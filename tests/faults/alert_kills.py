"""Kills while alerts fire and their webhook fails in every way, and then the recount: each crossing comes once."""

import base64
import random
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme
from tests.dashboard.support.webhook_receiver import SECRET
from tests.faults.alert_plan import RULES, AlertPlan
from tests.faults.counting import snapshot, until_counting
from tests.faults.failing_receiver import FailingReceiver
from tests.faults.supervisor import Supervisor
from tests.faults.verdict import finish

#: The window is longer than the run, so a hashtag that crossed the number stays above it.
PACE = {"PANE_SECONDS": 5, "WINDOW_SECONDS": 5400, "TRIGGER_SECONDS": 0.5}
FINISH_SECONDS = 600.0
DELIVERY_SECONDS = 600.0


@dataclass(frozen=True)
class AlertVerdict:
    """The recount. `wrong` is empty when each planted crossing came, each with one id, and nothing else came."""

    posts: int
    counted: int
    planted: int
    delivered: int
    ids: int
    requests: int
    again: int
    missing: list[str]
    invented: list[str]
    latencies_ms: list[int]
    wrong: list[str]

    def percentile_ms(self, part: float) -> int:
        """From the end of a pane to the first request to the webhook, in ascending order at `part` of all."""
        return self.latencies_ms[min(len(self.latencies_ms) - 1, int(part * len(self.latencies_ms)))]


@contextmanager
def receiver(folder: Path, rng: random.Random | None) -> Iterator[FailingReceiver]:
    """A webhook over TLS that fails as `rng` chooses, or never; its authority is in `folder`."""
    authority, stranger = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    contexts = [ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for _ in range(2)]
    for context, issuer in zip(contexts, (authority, stranger), strict=True):
        issuer.issue_cert("127.0.0.1").configure_cert(context)
    running = FailingReceiver(contexts[0], contexts[1], rng)
    try:
        yield running
    finally:
        running.close()


def settings(folder: Path, webhook: FailingReceiver) -> dict[str, object]:
    """The settings of the stack; writes the files of rules and targets into `folder`."""
    rules, targets = folder / "alerts.toml", folder / "targets.txt"
    rules.write_text(RULES)
    targets.write_text(f"webhook {webhook.url}/hook secret=whsec_{base64.b64encode(SECRET).decode()}\n")
    trusted = {"SSL_CERT_FILE": folder / "authority.pem"}
    return {"ALERTS_FILE": rules, "TARGETS_FILE": targets, **trusted, **PACE}


def run(stack: Supervisor, plan: AlertPlan, webhook: FailingReceiver, kill: Callable[[], None]) -> AlertVerdict:
    """Do what `kill` does, let the rest of the file come, wait for the deliveries, compare."""
    until_counting(stack)
    kill()
    finish(stack, FINISH_SECONDS)
    until_all_came(stack, plan, webhook, DELIVERY_SECONDS)
    shown = snapshot(stack)
    assert shown is not None
    return _judge(stack, plan, webhook, shown)


def until_all_came(stack: Supervisor, plan: AlertPlan, webhook: FailingReceiver, seconds: float) -> None:
    """Wait until the webhook has accepted all crossings."""
    stack.wait_until(lambda: plan.crossings <= set(_keys(webhook).values()) or None, "all crossings came", seconds)


def _keys(webhook: FailingReceiver) -> dict[str, str]:
    """The hashtag of each id that the webhook accepted."""
    taken = set(webhook.taken)
    return {event["id"]: event["data"]["key"] for _, _, event in list(webhook.requests) if event["id"] in taken}


def _judge(stack: Supervisor, plan: AlertPlan, webhook: FailingReceiver, shown: dict[str, Any]) -> AlertVerdict:
    keys, requests = _keys(webhook), list(webhook.requests)
    ids = Counter(keys.values())
    ends_ms = {event["id"]: event["data"]["at_ms"] for _, _, event in requests}
    missing, invented = sorted(plan.crossings - set(ids)), sorted(set(ids) - plan.crossings)
    checks: list[tuple[str, Any, Any]] = [
        ("posts counted", shown["total"]["posts"], plan.posts),
        ("crossings that did not come", missing, []),
        ("alerts that nothing crossed for", invented, []),
        ("crossings with more than one id", [key for key, times in ids.items() if times > 1], []),
        ("ids with more than one `webhook-id`", len({(id_, event["id"]) for _, id_, event in requests}), len(ends_ms)),
        ("wrong requests", webhook.problems, []),
        ("exits that nobody asked for", stack.unexplained, []),
    ]
    return AlertVerdict(
        posts=plan.posts,
        counted=shown["total"]["posts"],
        planted=len(plan.crossings),
        delivered=len(ids),
        ids=len(keys),
        requests=len(requests),
        again=len(webhook.taken) - len(keys),
        missing=missing,
        invented=invented,
        latencies_ms=sorted(webhook.first_ms[one] - ends_ms[one] for one in keys),
        wrong=[f"{what}: {found}, not {wanted}" for what, found, wanted in checks if found != wanted],
    )
