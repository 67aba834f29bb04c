"""Only jars with the sums that are stored here are used, and a machine that lacks something is told what."""

from pathlib import Path

import pytest
from tests.kafka import image, jars


def test_pom_sums_and_image_have_one_version() -> None:
    version = (jars.HERE / "pom.xml").read_text().split("<kafka.version>")[1].split("<")[0]
    assert f"  kafka_2.13-{version}.jar\n" in jars.SUMS.read_text()
    assert image.name() == f"apache/kafka:{version}"


def test_the_sums_are_those_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "b.jar").write_bytes(b"")
    (tmp_path / "a.jar").write_bytes(b"abc")
    assert jars.sums(tmp_path) == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a.jar\n"
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b.jar\n"
    )


@pytest.mark.parametrize("found", ["00  a.jar\n11  b.jar\n", "00  a.jar\n", "00  a.jar\n22  b.jar\n33  c.jar\n"])
def test_a_jar_that_is_new_other_or_missing_is_named(found: str) -> None:
    locked = "00  a.jar\n22  b.jar\n"
    jars.check(locked, locked)
    with pytest.raises(jars.JarsError, match=r"these jars are not as jars\.sha256 says: [bc]\.jar"):
        jars.check(found, locked)


def test_without_java_the_reason_says_so(tmp_path: Path) -> None:
    assert jars.why_not({"PATH": str(tmp_path)}) == "Apache Kafka needs Java 17 or newer, and there is none"
