"""Different authors in a sliding window of panes: exact, also where most tags are not candidates, and in samples."""

import random
from collections import defaultdict
from typing import Any

import pyarrow as pa
import pytest

from spark_job.executor.tag_uses import USES
from spark_job.state.author_ranking import LEAST_CANDIDATES, ONE_AUTHOR
from spark_job.state.sliding_authors import SlidingAuthors
from spark_job.state.tag_sums import WHOLE

WINDOW_PANES = 5
Use = tuple[str, str, str, int]


def table(at_ms: int, uses: list[Use], level: int = 0) -> pa.Table:
    """One row for each use, with the number of its posts."""
    posts: dict[Use, int] = defaultdict(int)
    for use in uses:
        posts[use] += 1
    rows = [
        dict(zip(USES.names, (at_ms, *use, None, count, level), strict=True))
        for use, count in posts.items()
        if use[3] < 2 ** (64 - level)
    ]
    return pa.Table.from_pylist(rows, USES)


def recounted(panes: list[list[Use]], of: int | None, value: str) -> list[tuple[str, int]]:
    """Tags with their numbers, the leading ones first."""
    uses = [use for pane in panes for use in pane if of is None or use[of] == value]
    authors: dict[str, set[int]] = defaultdict(set)
    posts: dict[str, int] = defaultdict(int)
    for _, _, key, author in uses:
        authors[key].add(author)
        posts[key] += 1
    numbers = {key: len(authors[key]) * ONE_AUTHOR + posts[key] for key in posts}
    return sorted(numbers.items(), key=lambda item: (-item[1], item[0]))


def ranked(best: dict[Any, int]) -> list[tuple[str, int]]:
    return sorted(best.items(), key=lambda item: (-item[1], item[0]))


def made_up(rand: random.Random, popular: float, count: int) -> list[Use]:
    """Half of the uses are of popular tags. An author writes in one source, now and then in another language."""
    uses = []
    for _ in range(count):
        source = rand.choice(["x", "demo"])
        author = rand.randrange(400) << 32 | len(source)
        key = f"p{int(rand.paretovariate(popular))}" if rand.random() < 0.5 else f"r{rand.randrange(3_000)}"
        uses.append((source, "en" if rand.random() < 0.8 else "ja", key, author))
    return uses


@pytest.mark.parametrize("seed", range(4))
def test_the_leading_tags_are_those_of_a_recount(seed: int) -> None:
    rand = random.Random(seed)
    sliding, panes = SlidingAuthors(), []
    for number in range(20):
        # The popular tags change, so that leaders leave and others come.
        uses = made_up(rand, 0.2 + number % 3 / 4, 0 if number == 12 else 900)
        panes.append(uses)
        sliding.add({number: table(number, uses)})
        sliding.expire(number - WINDOW_PANES + 1)
        for name, of in ((WHOLE, None), (("source", "x"), 0), (("lang", "ja"), 1)):
            best = ranked(sliding.ranking(name).best())
            expected = recounted(panes[-WINDOW_PANES:], of, name[1])
            assert len(best) >= min(LEAST_CANDIDATES, len(expected))
            assert best == expected[: len(best)]
            assert dict(expected) == sliding.ranking(name).numbers


def test_nothing_is_left_of_a_window_that_has_passed() -> None:
    sliding = SlidingAuthors()
    sliding.add({1: table(1, made_up(random.Random(1), 0.5, 500))})
    sliding.expire(2)
    assert (sliding.rankings, len(sliding.uses)) == ({}, 0)


def test_a_tag_with_equal_numbers_is_before_another_by_its_key() -> None:
    sliding = SlidingAuthors()
    sliding.add({1: table(1, [("x", "en", f"t{number:04}", number) for number in range(3_000)])})
    for number in range(1_200, 1_300):
        sliding.add({2: table(2, [("x", "en", f"t{number:04}", 9_999)])})
    best = ranked(sliding.ranking(WHOLE).best())
    assert [key for key, _ in best[:102]] == [f"t{number:04}" for number in [*range(1_200, 1_300), 0, 1]]


def test_a_sample_is_that_of_the_pane_with_the_highest_level() -> None:
    rand = random.Random(7)
    authors = [rand.getrandbits(64) for _ in range(4_000)]
    sliding = SlidingAuthors()
    sliding.add({1: table(1, [("x", "en", "a", author) for author in authors[:3_000]])})
    assert sliding.authors(sliding.ranking(WHOLE).numbers["a"]) == 3_000
    sliding.add({2: table(2, [("x", "en", "a", author) for author in authors[1_000:]], level=3)})
    number = sliding.ranking(WHOLE).numbers["a"]
    assert sliding.authors(number) == 8 * sum(author < 2**61 for author in authors)
    # The error is that of the sample: sqrt(4,000 * 7) is 167.
    assert abs(sliding.authors(number) - 4_000) < 3 * 167
    sliding.add({3: table(3, [("x", "en", "a", author) for author in authors[:10]])})
    sliding.expire(3)
    assert (sliding.level, sliding.authors(sliding.ranking(WHOLE).numbers["a"])) == (0, 10)


def test_panes_that_are_added_together_are_panes_of_their_own() -> None:
    rand = random.Random(3)
    panes = {number: table(number, made_up(rand, 0.4, 300)) for number in range(9)}
    together, alone = SlidingAuthors(), SlidingAuthors()
    together.add(panes)
    for number, uses in panes.items():
        alone.add({number: uses})
    for number in range(9):
        assert len(together.uses) == len(alone.uses)
        assert {name: found.numbers for name, found in together.rankings.items()} == {
            name: found.numbers for name, found in alone.rankings.items()
        }
        together.expire(number + 1)
        alone.expire(number + 1)
    assert (together.rankings, len(together.uses)) == ({}, 0)


def test_a_pane_with_a_sample_is_counted_once() -> None:
    sliding = SlidingAuthors()
    sliding.add({1: table(1, [("x", "en", "a", author) for author in (1, 2, 2)])})
    sliding.add({2: table(2, [("x", "en", "a", author) for author in (2, 3, 3)], level=3)})
    assert sliding.ranking(WHOLE).numbers == {"a": 3 * ONE_AUTHOR + 6}
    sliding.expire(2)
    assert sliding.ranking(WHOLE).numbers == {"a": 2 * ONE_AUTHOR + 3}
    sliding.expire(3)
    assert (sliding.rankings, len(sliding.uses)) == ({}, 0)
