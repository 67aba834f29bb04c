"""What the locks must not bring in, whoever writes them next."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def pinned(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock.read_text(), re.MULTILINE))


def test_the_counts_are_not_written_by_a_duckdb_from_which_there_is_no_way_back() -> None:
    """Files of 2.0 can't be opened by 1.5, and 2.0 needs Python 3.11, where Spark's images have 3.10."""
    assert re.search(r"^duckdb<2$", (ROOT / "spark-job" / "requirements.in").read_text(), re.MULTILINE)
    assert pinned(ROOT / "spark-job" / "requirements.txt")["duckdb"].startswith("1.")


LOCKS = sorted([*ROOT.glob("requirements*.txt"), *ROOT.glob("*/requirements.txt")])


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_no_other_lock_has_another_duckdb(lock: Path) -> None:
    assert pinned(lock).get("duckdb", "1.").startswith("1.")


def test_the_service_that_uses_duckdb_is_locked_for_the_python_of_spark_images() -> None:
    """`make lock` compiles it for 3.10, so that nothing that needs a newer one gets in."""
    recipe = (ROOT / "Makefile").read_text()
    assert "--python-version 3.10 --fork-strategy fewest spark-job/requirements.in" in recipe
