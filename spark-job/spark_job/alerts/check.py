"""`python -m spark_job check-alerts FILE`: explains the rules of a file, and says when they would have fired."""

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from spark_job.alerts.engine import AlertState, evaluate
from spark_job.alerts.explain import explain
from spark_job.alerts.history import HistoryError, ended_panes, read_history
from spark_job.alerts.rule import Rules
from spark_job.alerts.rules_file import read
from spark_job.alerts_schema import Alert
from spark_job.watched_file import FileRefusedError


def check_alerts(arguments: Sequence[str]) -> int:
    """Run the command. Return 0, or 2 if the file or the history can't be used."""
    parser = argparse.ArgumentParser(
        prog="python -m spark_job check-alerts", description="Explains each rule of an ALERTS_FILE in a sentence."
    )
    parser.add_argument("file", type=Path, help="the file of rules")
    parser.add_argument(
        "--replay",
        metavar="HISTORY",
        help="say when each rule would have fired in the stored day: the address of a dashboard, such as "
        "http://127.0.0.1:8000, or its file history.sqlite",
    )
    options = parser.parse_args(arguments)
    try:
        rules = read(options.file)
        lines = [f"{rule.name}: {explain(rule).en}" for rule in rules] or ["The file has no rules."]
        if options.replay is not None:
            lines += ["", *replay(rules, options.replay)]
    except (FileRefusedError, HistoryError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def replay(rules: Rules, history: str) -> list[str]:
    """When rules would have fired, one line for each alert, oldest first.

    Raises:
        HistoryError: The history can't be read.

    """
    replayed = tuple(rule for rule in rules if rule.stream is None and not (rule.when != "rises" and rule.scope[1]))
    lines = [
        f"{rule.name}: can't be replayed, because the history has no "
        f"{'states of sources' if rule.stream is not None else 'lists of one language or source'}."
        for rule in rules
        if rule not in replayed
    ]
    panes = read_history(history)
    if not panes:
        return [*lines, "The history has no panes."]
    found: list[Alert] = []
    state: AlertState = {}
    epoch = panes[0].epoch
    for pane in ended_panes(panes):
        if pane.epoch != epoch:
            epoch, state = pane.epoch, {}
        alerts, state = evaluate(replayed, state, pane)
        found += alerts
    span = f"{_time(panes[0].from_ms)} to {_time(panes[-1].to_ms)}"
    number = "1 alert" if len(found) == 1 else f"{len(found)} alerts"
    total = f"{number} from {span}, as far as the stored leading hashtags of each window tell:"
    return [*lines, total, *map(_line, found)]


def _line(alert: Alert) -> str:
    numbers = {"place": alert.rank, "posts": alert.posts, "times": alert.times, "people": alert.authors}
    said = ", ".join(f"{name} {value}" for name, value in numbers.items() if isinstance(value, int | float))
    return f"{_time(alert.at_ms)}  {alert.rule}: #{alert.label}{f' ({said})' if said else ''}"


def _time(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
