"""The people of an open pane, in many small micro-batches, are those of a recount."""

import random
from collections import defaultdict

from tests.spark_job.conftest import PANE_MS, Rig, T
from tests.spark_job.support.fake_ingest import post


def test_people_who_write_again_and_again_count_once(rig: Rig) -> None:
    rand = random.Random(5)
    people: dict[str, set[int]] = defaultdict(set)
    for number in range(40):
        at_ms = T + number * PANE_MS // 20
        batch = []
        for _ in range(rand.randrange(1, 30)):
            tag, author = rand.choice("abc"), rand.randrange(40)
            people[tag].add(author)
            batch.append(post([tag], at_ms, author=author, lang=rand.choice(["en", "ja"])))
        rig.count(*batch)
        window = rig.snapshot(at_ms + 1)["window"]
        assert {tag["key"]: tag["authors"] for tag in window["by_authors"]} == {
            tag: len(authors) for tag, authors in people.items()
        }
        assert window["authors"] == len(set().union(*people.values()))


def test_someone_who_writes_in_two_languages_counts_once_in_each(rig: Rig) -> None:
    both = [(author, lang) for author in (1, 2) for lang in ("en", "ja")]
    rig.count(*(post(["a"], T, author=author, lang=lang) for author, lang in both))
    for number, (author, lang) in enumerate(both, 1):
        rig.count(post(["a"], T + number, author=author, lang=lang))
        facets = rig.snapshot(T + number)["facets"]["lang"]
        assert {name: facet["authors"] for name, facet in facets.items()} == {"en": 2, "ja": 2}
        assert [[tag["authors"] for tag in facet["by_authors"]] for facet in facets.values()] == [[2], [2]]
