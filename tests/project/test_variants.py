"""When the time is short, one variant of each test runs first; what the end of the time finds is left out and said."""

import re
import time
from pathlib import Path

import pytest
from tests.project.pytest_run import run_pytest
from tests.variants import Deadline, left_out

TESTS = [f"a.py::test_{letter}[{variant}]" for letter in "abcdefgh" for variant in ("newest", "4.0")]
TWO_TESTS = """
import pytest
@pytest.mark.parametrize("number", range(4))
def test_number(number): pass
def test_single(): pass
@pytest.mark.parametrize("letter", "ab")
def test_letter(letter): assert letter != "b"
"""


def test_each_test_has_one_first_variant_and_all_variants_are_it_somewhere() -> None:
    first = Deadline(0, "").first_variants([*TESTS, "a.py::test_single"])
    assert sorted(each.partition("[")[0] for each in first) == [
        *(f"a.py::test_{letter}" for letter in "abcdefgh"),
        "a.py::test_single",
    ]
    assert {each.partition("[")[2] for each in first} == {"newest]", "4.0]", ""}


def test_each_variant_is_the_first_with_some_seed() -> None:
    firsts = [Deadline(0, str(seed)).first_variants(TESTS) for seed in range(20)]
    assert set().union(*firsts) == set(TESTS)


def test_without_a_time_nothing_is_sorted() -> None:
    assert Deadline.of({}) is None
    assert Deadline.of({"TESTS_UNTIL": "17", "TESTS_SEED": "a"}) == Deadline(17, "a")


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_after_the_time_first_variants_run_and_no_others(tmp_path: Path, options: tuple[str, ...]) -> None:
    said = run_pytest(tmp_path, TWO_TESTS, "-rA", *options, TESTS_UNTIL="1", STRICT="1", TESTS_SEED="1")
    assert len(re.findall(r"^(?:PASSED|FAILED) \S+test_number", said, re.MULTILINE)) == 1
    assert len(re.findall(r"^(?:PASSED|FAILED) \S+test_letter", said, re.MULTILINE)) == 1
    assert "test_single" in said
    assert "4 skipped" in said
    assert "This machine is slow: 4 variants of tests did not run, of each of which another variant ran" in said


@pytest.mark.slow
def test_before_the_time_all_run_one_variant_of_each_first(tmp_path: Path) -> None:
    said = run_pytest(tmp_path, TWO_TESTS, "-vv", TESTS_UNTIL=str(time.time() + 3600))
    assert "6 passed" in said
    assert "1 failed" in said
    assert "variants of tests did not run" not in said
    ran = re.findall(r"::(test_\w+)\S* (?:PASSED|FAILED)", said)
    assert ran == ["test_number", "test_single", "test_letter", *["test_number"] * 3, "test_letter"]


def test_if_all_ran_nothing_is_said() -> None:
    assert left_out([]) is None
