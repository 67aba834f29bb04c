"""The job's types and what it pushes are as docs/snapshot.schema.json says; the dashboard writes that file."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema_rs import Draft202012Validator
from tests.spark_job.conftest import PANE_MS, Rig, T
from tests.spark_job.support.fake_ingest import post

from spark_job.snapshot_schema import Snapshot

Schema = dict[str, Any]

AGREED: Schema = json.loads((Path(__file__).parents[3] / "docs" / "snapshot.schema.json").read_text(encoding="utf-8"))
DEFINITIONS: dict[str, Schema] = AGREED["$defs"]
_, OWN = msgspec.json.schema_components([Snapshot])
#: The job passes ingest's answer on as it is, and names only the fields that it reads.
PASSED_ON = {"Status", "SourceStatus"}
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength", "maxItems")


def alternatives(schema: Schema) -> list[Schema]:
    """The types that a field may have."""
    return [*schema.get("anyOf", [schema])]


def kind(schema: Schema) -> str:
    return str(schema.get("$ref") or schema.get("type"))


def differences(where: str, own: Schema, agreed: Schema) -> list[str]:
    """Why some value of `own` would not be one of `agreed`."""
    found = []
    for one in alternatives(own):
        kinds = [kind(one)] + (["number"] if kind(one) == "integer" else [])
        fitting = next((other for other in alternatives(agreed) if kind(other) in kinds), None)
        if fitting is None:
            found.append(f"{where}: {kind(one)} is not agreed on")
            continue
        found += [
            f"{where}: {bound} is {one[bound]}, and {fitting[bound]} is agreed on"
            for bound in BOUNDS
            if bound in one and bound in fitting and one[bound] != fitting[bound]
        ]
        for part in ("items", "additionalProperties"):
            if isinstance(one.get(part), dict):
                found += differences(f"{where}.{part}", one[part], fitting[part])
    return found


def test_it_has_the_types_of_the_agreed_snapshot() -> None:
    reachable = {"Snapshot"}
    while (
        more := {name for name in DEFINITIONS if any(f'/{name}"' in json.dumps(DEFINITIONS[one]) for one in reachable)}
        - reachable
    ):
        reachable |= more
    assert OWN.keys() - PASSED_ON == reachable - {"Status", "Source", "Kafka"}


@pytest.mark.parametrize("name", sorted(OWN.keys() - {"SourceStatus"}))
def test_a_type_has_the_agreed_fields_types_and_bounds(name: str) -> None:
    own, agreed = OWN[name]["properties"], DEFINITIONS[name]["properties"]
    if name not in PASSED_ON:
        assert own.keys() == agreed.keys()
        assert set(DEFINITIONS[name]["required"]) <= set(OWN[name]["required"])
    shared = [field for field in own if field in agreed and not (name in PASSED_ON and field == "sources")]
    assert [each for field in shared for each in differences(field, own[field], agreed[field])] == []


def test_a_difference_is_found() -> None:
    count = {"type": "integer", "minimum": 0}
    assert differences("a", count, {"anyOf": [{"type": "number", "minimum": 0}, {"type": "null"}]}) == []
    assert differences("a", {"anyOf": [count, {"type": "null"}]}, count) == ["a: null is not agreed on"]
    assert differences("a", {"type": "array", "items": count}, {"type": "array", "items": {"type": "string"}}) == [
        "a.items: integer is not agreed on"
    ]
    assert differences("a", count, count | {"minimum": 1}) == ["a: minimum is 0, and 1 is agreed on"]


def test_what_it_pushes_is_as_the_file_says(rig: Rig) -> None:
    for pane in range(4):
        at_ms = T + pane * PANE_MS
        rig.count(post(["WorldCup", "Rain"], at_ms), post(["worldcup"], at_ms + 1, lang="es"))
    validator = Draft202012Validator(AGREED)
    snapshot = rig.snapshot(T + 3 * PANE_MS + 1)
    assert snapshot["panes"]
    assert [
        f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in validator.iter_errors(snapshot)
    ] == []
    snapshot["panes"][0]["top"][0]["label"] = ""
    assert len(list(validator.iter_errors(snapshot))) == 1
