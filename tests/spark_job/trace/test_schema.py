"""The job's types of a trace are those of docs/snapshot.schema.json, which the dashboard writes."""

import msgspec
import pytest
from tests.spark_job.publish.test_schema_file import DEFINITIONS, differences

from spark_job.trace.schema import Trace

_, OWN = msgspec.json.schema_components([Trace])


@pytest.mark.parametrize("name", sorted(OWN))
def test_a_type_has_the_agreed_fields_types_and_bounds(name: str) -> None:
    own, agreed = OWN[name]["properties"], DEFINITIONS[name]["properties"]
    assert own.keys() == agreed.keys()
    assert set(DEFINITIONS[name]["required"]) <= {*OWN[name].get("required", []), *agreed}
    assert [each for field in own for each in differences(field, own[field], agreed[field])] == []
