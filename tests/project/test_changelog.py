"""CHANGELOG.md has the present version and the numbers of the formats that the code writes and reads."""

import re
from pathlib import Path

import pytest
import tomllib

from dashboard.history import file as history_file
from ingest.spool import schema as spool_schema
from spark_job.state import schema

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "CHANGELOG.md").read_text()


def test_the_present_version_has_an_entry() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert re.search(rf"^## (?:Unreleased: )?{re.escape(version)}\b", TEXT, re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "written", "older"),
    [
        ("spool/spool.sqlite", spool_schema.FORMAT, set(spool_schema._PREVIOUS_FORMATS)),
        ("counts/counts.duckdb", schema.FORMAT, set(schema.MIGRATIONS)),
        ("history/history.sqlite", history_file._FORMAT, set(history_file._MISSING)),
    ],
)
def test_the_numbers_of_the_formats_are_those_of_the_code(name: str, written: int, older: set[int]) -> None:
    (row,) = re.findall(rf"^\| `{re.escape(name)}` \| [^|]+ \| (\d+)[^|]* \| ([\d, ]+) \|$", TEXT, re.MULTILINE)
    assert int(row[0]) == written
    assert {int(number) for number in row[1].split(",")} == older
