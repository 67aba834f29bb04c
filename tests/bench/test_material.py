import json
from collections import Counter
from pathlib import Path
from typing import Any

import bench.material
import pytest
from bench.material import Form, Material, prepared
from bench.posts import Kind

from ingest.spool.reader import SpoolReader


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return prepared(tmp_path_factory.mktemp("material"), Kind(tags=300), 3500)


def read(material: Material, form: Form) -> list[dict[str, Any]]:
    return [json.loads(line) for line in material.path(form).read_text().splitlines()]


def test_every_form_has_the_same_posts(material: Material) -> None:
    posts = read(material, "posts")
    assert len(posts) == 3500
    assert [post["text"] for post in posts] == material.path("texts").read_text().splitlines()
    assert [tag["key"] for post in posts for tag in post["tags"]] == material.path("tags").read_text().splitlines()
    untagged = read(material, "untagged")
    assert [post["text"] for post in untagged] == [post["text"] for post in posts]
    assert not any("tags" in post or "at_ms" in post for post in untagged)


def test_the_spool_serves_the_bytes_of_the_file(material: Material) -> None:
    with SpoolReader(material.spool / "spool.sqlite") as reader:
        held = reader.range(0, 10_000)
        assert held.posts == 3500
        assert b"".join(reader.lines(held)) == material.path("posts").read_bytes()


def test_counts_are_those_of_the_first_posts(material: Material) -> None:
    posts = read(material, "posts")
    for until in (1000, 3000, 3500):
        assert material.counts(until) == Counter(tag["key"] for post in posts[:until] for tag in post["tags"])


def test_bytes_end_where_a_run_ends(material: Material) -> None:
    end = material.bytes_until("posts", 2000)
    assert material.path("posts").read_bytes()[:end].count(b"\n") == 2000
    assert material.bytes_until("posts", 3500) == material.path("posts").stat().st_size


def test_what_is_there_is_taken_as_it_is(material: Material, tmp_path: Path) -> None:
    before = material.path("posts").stat().st_mtime_ns
    assert prepared(material.folder.parent, material.kind, 3500).path("posts").stat().st_mtime_ns == before


@pytest.mark.parametrize("number", ["SPOOL_FORMAT", "COLUMN_SET"])
def test_material_of_an_older_spool_is_made_again(
    material: Material, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.material, number, 0)
    older = prepared(material.folder.parent, material.kind, 3500)
    assert older.folder != material.folder
    assert older.path("posts").read_bytes() == material.path("posts").read_bytes()
