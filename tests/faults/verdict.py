"""After the kills: is accepted = stored = counted, exactly, and does the page keep what the log holds?"""

import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.faults import contract
from tests.faults.load import Load
from tests.faults.supervisor import ROOT, Supervisor


@dataclass(frozen=True)
class Verdict:
    """`wrong` is empty when nothing was lost and nothing was counted twice."""

    planned: int
    accepted: int
    stored: int
    counted: int
    lost: int
    double: int
    wrong: list[str]
    audit: str


def finish(stack: Supervisor, timeout_seconds: float = 180) -> None:
    """Let the rest of the file come as fast as it goes, and wait until all is counted and every pane of it kept."""
    stack.settings["REPLAY_SPEED"] = "0"
    stack.kill("ingest", lambda victims: victims[0])

    def finished() -> dict[str, Any] | None:
        status = contract.status(stack.ingest_port)
        return status if status is not None and status["sources"][0]["state"] == "finished" else None

    end = stack.wait_until(finished, "the whole file is accepted", timeout_seconds)["end"]
    last_at_ms = stack.recount(end).last_at_ms

    def counted() -> bool | None:
        snapshot = contract.get(f"{stack.url}/api/snapshot")
        if snapshot is None or snapshot["health"]["offset"] < end:
            return None
        open_ms = snapshot["window"]["to_ms"] // (snapshot["pane_seconds"] * 1000) * snapshot["pane_seconds"] * 1000
        history = contract.get(f"{stack.url}/api/history?from_ms={last_at_ms}")
        kept = history is not None and bool(history["panes"])
        return True if kept and open_ms > last_at_ms else None

    stack.wait_until(counted, "all is counted and every pane kept", timeout_seconds)


def judge(stack: Supervisor, load: Load, epoch: int) -> Verdict:
    """Compare plan, STATUS, log, snapshot and audit; `epoch` is that of the first snapshot."""
    status, snapshot = contract.status(stack.ingest_port), contract.get(f"{stack.url}/api/snapshot")
    assert status is not None
    assert snapshot is not None
    held = stack.recount(status["end"])
    source, total, health = status["sources"][0], snapshot["total"], snapshot["health"]
    shown = {tag["key"]: tag["posts"] for tag in total["top"]}
    spelled = {"malformed": sum(source["malformed"].values()), "duplicate": source["duplicate"]}
    checks: list[tuple[str, Any, Any]] = [
        ("posts accepted", source["accepted"], load.posts),
        ("duplicates dropped", spelled["duplicate"], load.duplicates),
        ("malformed lines dropped", spelled["malformed"], load.malformed),
        ("offsets in the log", held.offsets == list(range(load.posts)), True),
        ("ids in the log", held.ids == Counter(f"load:{number}" for number in range(load.posts)), True),
        ("tags in the log", held.tags, load.tags),
        ("posts counted", total["posts"], load.posts),
        ("distinct tags counted", total["tags"], len(load.tags)),
        ("tags counted", shown, dict(load.tags)),
        ("lost", health["lost"], 0),
        ("trimmed unread", status["trimmed_unread"], 0),
        ("epoch", snapshot["epoch"], epoch),
        ("batches refused as counted twice", stack.log("spark-job").count("CountedTwiceError"), 0),
        ("exits that nobody asked for", stack.unexplained, []),
    ]
    wrong = [f"{what}: {found}, not {wanted}" for what, found, wanted in checks if found != wanted]
    code, said = audit(stack)
    if code:
        wrong.append(f"the audit ended with {code}:\n{said}")
    double = sum(max(0, shown.get(key, 0) - posts) for key, posts in load.tags.items())
    return Verdict(
        planned=load.posts,
        accepted=source["accepted"],
        stored=len(held.offsets),
        counted=total["posts"],
        lost=health["lost"] + max(0, load.posts - total["posts"]),
        double=max(double, total["posts"] - load.posts, 0),
        wrong=wrong,
        audit=said,
    )


def audit(stack: Supervisor) -> tuple[int, str]:
    """`scripts/audit.py` as its operator calls it: exit code and what it says."""
    command = [sys.executable, str(ROOT / "scripts" / "audit.py"), *stack.audit_options]
    done = subprocess.run(
        [*command, "--dashboard", stack.url], capture_output=True, text=True, timeout=300, check=False
    )
    return done.returncode, (done.stdout + done.stderr).strip()
