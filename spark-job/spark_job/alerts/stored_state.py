"""The state of the rules in the table `alert_state`."""

import duckdb
import pyarrow as pa

from spark_job.alerts.engine import AlertState, RuleState, TagState

#: A row without a key is the rule itself. Only it has a condition.
SCHEMA = """
CREATE TABLE IF NOT EXISTS alert_state (
  rule VARCHAR, key VARCHAR, condition VARCHAR, holds BIGINT, is_active BOOLEAN, fired_at_ms BIGINT);
"""
RULE_ROW = ""
#: When an epoch begins, what held before is forgotten. What has fired stays known.
BEGIN_EPOCH = "UPDATE alert_state SET condition = '' WHERE condition IS NOT NULL"
ROWS = pa.schema(
    [
        *(("rule", pa.string()), ("key", pa.string()), ("condition", pa.string())),
        *(("holds", pa.int64()), ("is_active", pa.bool_()), ("fired_at_ms", pa.int64()), ("stays", pa.bool_())),
    ]
)
#: A tag or a rule: its condition and its state.
_Row = tuple[str | None, TagState]


def read_state(db: duckdb.DuckDBPyConnection) -> AlertState:
    """The state of all rules."""
    conditions: dict[str, str] = {}
    tags: dict[str, dict[str, TagState]] = {}
    rows = db.execute("SELECT rule, key, condition, holds, is_active, fired_at_ms FROM alert_state").fetchall()
    for rule, key, condition, *state in rows:
        if key == RULE_ROW:
            conditions[rule] = condition
        else:
            tags.setdefault(rule, {})[key] = TagState(*state)
    return {rule: RuleState(condition, tags.get(rule, {})) for rule, condition in conditions.items()}


def write_state(db: duckdb.DuckDBPyConnection, before: AlertState, after: AlertState) -> None:
    """Write what has changed, inside the caller's transaction."""
    old, new = _rows(before), _rows(after)
    changed = [(name, new.get(name)) for name in old.keys() | new.keys() if old.get(name) != new.get(name)]
    if not changed:
        return
    rows = [
        (*name, row[0] if row else None, *(row[1] if row else TagState()), row is not None) for name, row in changed
    ]
    columns = [*map(list, zip(*rows, strict=True))]
    db.register("changed_alert_state", pa.table(columns, ROWS))
    try:
        db.execute("DELETE FROM alert_state WHERE (rule, key) IN (SELECT (rule, key) FROM changed_alert_state)")
        db.execute("INSERT INTO alert_state SELECT * EXCLUDE (stays) FROM changed_alert_state WHERE stays")
    finally:
        db.unregister("changed_alert_state")


def _rows(state: AlertState) -> dict[tuple[str, str], _Row]:
    """The rows of a state, by rule and key."""
    rows: dict[tuple[str, str], _Row] = {}
    for rule, of_rule in state.items():
        rows[rule, RULE_ROW] = (of_rule.condition, TagState())
        rows |= {(rule, key): (None, tag) for key, tag in of_rule.tags.items()}
    return rows
