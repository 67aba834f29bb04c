"""The notebook 1-watch against the demo stream, and its last numbers counted again from the log."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.notebooks.support.log_reader import posts
from tests.notebooks.support.notebook_run import execute, printed

if TYPE_CHECKING:
    from tests.end_to_end.stack import Stack

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "en" / "1-watch.ipynb"
MOST_SECONDS = 120


def at_ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.spark
def test_it_ends_by_itself_with_numbers_that_the_log_has_too(live: Stack, variables: dict[str, str]) -> None:
    began = time.monotonic()
    cells = execute(NOTEBOOK, variables, MOST_SECONDS)
    assert time.monotonic() - began < MOST_SECONDS
    (line,) = printed(cells[-1])
    numbers = json.loads(line)
    step, window = numbers["step"], numbers["window"]
    first_ms = at_ms(step["start"])
    log = list(posts(live.ports["INGEST_PORT"]))
    assert step["posts"] == sum(first_ms <= post["at_ms"] < first_ms + step["seconds"] * 1000 for post in log) > 0
    counted = [post for post in log if at_ms(window["start"]) <= post["at_ms"] < at_ms(window["to"])]
    assert window["posts"] == sum(window["key"] in {tag["key"] for tag in post["tags"]} for post in counted) > 0
    # The loop of 15 seconds saw a snapshot nearly each second.
    assert max(len(printed(cell)) for cell in cells) > 8
