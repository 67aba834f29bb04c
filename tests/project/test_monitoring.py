"""Prometheus's rules are tested with its own tool, and Grafana's dashboard asks for metrics that exist."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from tests.dashboard.conftest import ROOT, TOKEN
from tests.dashboard.support import feeder, panel
from tests.dashboard.support.rising import sample, with_authors

from dashboard.app import create_app
from dashboard.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

RULES = ROOT / "deploy" / "prometheus" / "rules.yml"
RULE_TESTS = RULES.with_name("rules_test.yml")
GRAFANA = ROOT / "deploy" / "grafana" / "hashtags.json"
AT_MS = 1_795_176_007_000
#: What Prometheus itself makes of each scrape.
OF_PROMETHEUS = {"up"}


def promtool(*arguments: str) -> None:
    """Run promtool; fails with what it says."""
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian's package is prometheus)")
    ended = subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Each metric of a dashboard whose snapshot has everything, with the names of its labels."""
    folder: Path = tmp_path_factory.mktemp("metrics")
    app = create_app(Settings(push_token=SecretStr(TOKEN), data_dir=folder), lambda: AT_MS, lambda: 0)
    client = app.test_client()
    window = {**with_authors(feeder.snapshot({"WorldCup": 310}, AT_MS))["window"], "taken_back": 7}
    body = feeder.snapshot({"WorldCup": 310}, AT_MS, window=window, rising=sample(AT_MS), mute=panel.mute())
    body["health"] |= {"archived": feeder.archived()}
    pushed = client.post("/api/snapshots", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
    assert pushed.status_code == 200
    families = text_string_to_metric_families(client.get("/metrics").text)
    app.extensions["dashboard.history"].close()
    return {one.name: {*one.labels} for family in families for one in family.samples}


def unknown(expression: str, metrics: dict[str, set[str]]) -> list[str]:
    """The metrics, and the labels in braces and after `by`, that no scrape has."""
    found = []
    for name, selector in re.findall(r"\b((?:hashtags|process)_\w+|up)\b(?:\{([^}]*)\})?", expression):
        if name not in metrics.keys() | OF_PROMETHEUS:
            found.append(name)
        labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector)) - {"instance", "job"}
        found += sorted(f"{name}{{{label}}}" for label in labels - metrics.get(name, set()))
    known = set().union(*metrics.values()) | {"instance", "job"}
    grouped = {
        label for group in re.findall(r"\b(?:by|without) \(([^)]*)\)", expression) for label in group.split(", ")
    }
    return found + sorted(grouped - known)


def test_prometheus_takes_the_rules() -> None:
    promtool("check", "rules", str(RULES))


def test_each_rule_fires_when_it_should_and_only_then() -> None:
    promtool("test", "rules", str(RULE_TESTS))


def test_each_rule_is_tested_in_the_usual_state_and_in_its_situation(metrics: dict[str, set[str]]) -> None:
    (group,) = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    usual, *situations = yaml.safe_load(RULE_TESTS.read_text(encoding="utf-8"))["tests"]
    names = [rule["alert"] for rule in group["rules"]]
    assert len(set(names)) == len(names) >= 11
    assert sorted(test["alertname"] for test in usual["alert_rule_test"]) == sorted(names)
    fired = {one["alertname"] for test in situations for one in test["alert_rule_test"] if one.get("exp_alerts")}
    assert fired == set(names)
    assert [unknown(rule["expr"], metrics) for rule in group["rules"]] == [[]] * len(names)


def expressions(part: Any) -> list[str]:
    """All expressions of the dashboard: of panels, annotations and variables."""
    if isinstance(part, list):
        return [one for each in part for one in expressions(each)]
    if not isinstance(part, dict):
        return []
    own = [value for name, value in part.items() if name in {"expr", "query"} and isinstance(value, str)]
    return own + [one for each in part.values() for one in expressions(each)]


def test_each_expression_of_grafana_asks_for_metrics_that_exist(metrics: dict[str, set[str]]) -> None:
    found = [one for one in expressions(json.loads(GRAFANA.read_text(encoding="utf-8"))) if one != "prometheus"]
    assert len(found) > 25
    assert {one: unknown(one, metrics) for one in found if unknown(one, metrics)} == {}
    assert unknown('sum by (colour) (hashtags_viewers{shape="round"})', metrics) == [
        "hashtags_viewers{shape}",
        "colour",
    ]
    assert unknown("rate(hashtags_gone_total[1m])", metrics) == ["hashtags_gone_total"]


def test_prometheus_can_parse_each_expression_of_grafana(tmp_path: Path) -> None:
    found = [one for one in expressions(json.loads(GRAFANA.read_text(encoding="utf-8"))) if "hashtags_" in one]
    plain = [one.replace("$instance", ".*") for one in found if not one.startswith("label_values")]
    rules = [{"record": f"expression:{number}", "expr": one} for number, one in enumerate(plain)]
    file = tmp_path / "expressions.yml"
    file.write_text(json.dumps({"groups": [{"name": "grafana", "rules": rules}]}))
    promtool("check", "rules", str(file))


def test_panels_of_grafana_have_their_own_ids_and_places() -> None:
    panels = json.loads(GRAFANA.read_text(encoding="utf-8"))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24
